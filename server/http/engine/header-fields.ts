import { FoghornError } from '../../../protocol/errors.js';
import { quotedExcerpt } from '../../../protocol/excerpt.js';

/** A header field; its name is in lower case. */
export interface HttpField {
  readonly name: string;
  readonly value: string;
}

/** How the end of a message's body is found. */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** The body of a response ends with its connection. */
  | { readonly kind: 'until close' };

/** The characters of a token, as RFC 9110 defines them. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;
/** Everything but control characters. A tab is white space. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Parses the lines between the first line of a head and the empty one. Refuses what another parser
 * may read in another way: a folded line, a space before the colon, a bare line feed.
 *
 * @throws FoghornError INVALID_ARGUMENT
 */
export function parseFields(lines: readonly string[]): HttpField[] {
  return lines.map((line) => {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    if (name === undefined || !FIELD_VALUE.test(value)) {
      throw new FoghornError('INVALID_ARGUMENT', `malformed header line ${quotedExcerpt(line)}`);
    }
    return { name: name.toLowerCase(), value };
  });
}

/** All values of a field, which may be a list in each line. */
export function valuesOf(fields: readonly HttpField[], name: string): string[] {
  return fields
    .filter((field) => field.name === name)
    .flatMap(({ value }) => value.split(','))
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== '');
}

/**
 * The framing that the fields declare; undefined if they declare none. A message with two lengths,
 * or with a length and a transfer coding, has two possible ends, so it is refused.
 *
 * @throws FoghornError INVALID_ARGUMENT
 */
export function declaredFraming(fields: readonly HttpField[]): BodyFraming | undefined {
  const lengths = fields.filter(({ name }) => name === 'content-length');
  const codings = fields.filter(({ name }) => name === 'transfer-encoding');
  if (lengths.length + codings.length > 1) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      'expected one Content-Length or one Transfer-Encoding, not several of them',
    );
  }
  const [length] = lengths;
  if (length !== undefined) return { kind: 'length', length: parseLength(length.value) };
  const [coding] = codings;
  if (coding === undefined) return undefined;
  if (coding.value.toLowerCase() === 'chunked') return { kind: 'chunked' };
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `unsupported Transfer-Encoding ${quotedExcerpt(coding.value)}: expected chunked`,
  );
}

function parseLength(text: string): number {
  const length = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(length)) return length;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `invalid Content-Length ${quotedExcerpt(text)}: expected a number of bytes`,
  );
}
