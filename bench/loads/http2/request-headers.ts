// HPACK (RFC 7541): two indexed header fields, and indices of names in the static table.
const METHOD_POST = 0x83;
const SCHEME_HTTP = 0x86;
const AUTHORITY_INDEX = 1;
const PATH_INDEX = 4;
const CONTENT_TYPE_INDEX = 31;
/** Literal field with incremental indexing; a literal name follows if the index is 0. */
const INDEXED_LITERAL = 0x40;
/** Field given by its index alone. */
const INDEXED = 0x80;
/** Index of the newest entry of the dynamic table; older entries have the next higher ones. */
const NEWEST_INDEX = 62;

/**
 * Header blocks of a gRPC call that is repeated on one connection: the first call has them in full,
 * later ones refer to the dynamic table. No name or value may be longer than 126 bytes.
 */
export function requestHeaders(
  path: string,
  metadata: Readonly<Record<string, string>>,
): { readonly first: Buffer; readonly next: Buffer } {
  const own = Object.entries({ te: 'trailers', ...metadata });
  const literals = [
    [INDEXED_LITERAL | PATH_INDEX, ...text(path)],
    [INDEXED_LITERAL | AUTHORITY_INDEX, ...text('localhost')],
    [INDEXED_LITERAL | CONTENT_TYPE_INDEX, ...text('application/grpc')],
    ...own.map(([name, value]) => [INDEXED_LITERAL, ...text(name), ...text(value)]),
  ];
  const references = literals.map((_, index) => INDEXED | (NEWEST_INDEX + index)).reverse();
  const beginning = [METHOD_POST, SCHEME_HTTP];
  return {
    first: Buffer.from([...beginning, ...literals.flat()]),
    next: Buffer.from([...beginning, ...references]),
  };
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value, 'latin1')];
}
