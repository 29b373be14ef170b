/** Kinds of fields that requests treat differently (RFC 9113, sections 8.2 and 8.3). */
export const FIELD_KIND = {
  REGULAR: 0,
  METHOD: 1,
  SCHEME: 2,
  PATH: 3,
  AUTHORITY: 4,
  CONTENT_LENGTH: 5,
  TE: 6,
  MALFORMED: 7,
} as const;

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^(?![ \t])[^\0\r\n]*$/;

const SPECIAL_NAMES = new Map<string, number>([
  [':method', FIELD_KIND.METHOD],
  [':scheme', FIELD_KIND.SCHEME],
  [':path', FIELD_KIND.PATH],
  [':authority', FIELD_KIND.AUTHORITY],
  ['content-length', FIELD_KIND.CONTENT_LENGTH],
  ['te', FIELD_KIND.TE],
  // Fields of a connection, which HTTP/2 expresses by frames.
  ['connection', FIELD_KIND.MALFORMED],
  ['keep-alive', FIELD_KIND.MALFORMED],
  ['proxy-connection', FIELD_KIND.MALFORMED],
  ['transfer-encoding', FIELD_KIND.MALFORMED],
  ['upgrade', FIELD_KIND.MALFORMED],
]);

/** Returns the kind of a field by its name alone. */
export function kindOfName(name: string): number {
  const special = SPECIAL_NAMES.get(name);
  if (special !== undefined) return special;
  return NAME.test(name) ? FIELD_KIND.REGULAR : FIELD_KIND.MALFORMED;
}

/** Returns the kind of a field whose name has a kind: a value can make it malformed. */
export function kindOfField(nameKind: number, value: string): number {
  // gRPC's clients send socket paths and arbitrary texts as the authority.
  if (nameKind === FIELD_KIND.AUTHORITY) return nameKind;
  if (!VALUE.test(value) || value.endsWith(' ') || value.endsWith('\t')) {
    return FIELD_KIND.MALFORMED;
  }
  if (nameKind === FIELD_KIND.TE) {
    return value === 'trailers' ? FIELD_KIND.REGULAR : FIELD_KIND.MALFORMED;
  }
  return nameKind;
}
