/** Of HPACK (RFC 7541): what stands for a request's first two headers, and the names that its tables know. */
const METHOD_POST = 0x83;
const SCHEME_HTTP = 0x86;
const AUTHORITY = 1;
const PATH = 4;
const CONTENT_TYPE = 31;
/** A header that the other side is to remember; with 0 instead of a known name, its own name follows. */
const REMEMBERED = 0x40;
const KNOWN = 0x80;
/** What was remembered last has this number, what was before it the next one, and so on. */
const NEWEST = 62;

/**
 * The headers of one and the same gRPC call again and again, as any client sends them: in full with the first call of a connection,
 * and then as numbers. No name or value may be longer than 126 bytes.
 */
export function requestHeaders(
  path: string,
  metadata: Readonly<Record<string, string>>,
): { readonly first: Buffer; readonly next: Buffer } {
  const own = Object.entries({ te: 'trailers', ...metadata });
  const remembered = [
    [REMEMBERED | PATH, ...text(path)],
    [REMEMBERED | AUTHORITY, ...text('localhost')],
    [REMEMBERED | CONTENT_TYPE, ...text('application/grpc')],
    ...own.map(([name, value]) => [REMEMBERED, ...text(name), ...text(value)]),
  ];
  const numbers = remembered.map((_, index) => KNOWN | (NEWEST + index)).reverse();
  const beginning = [METHOD_POST, SCHEME_HTTP];
  return {
    first: Buffer.from([...beginning, ...remembered.flat()]),
    next: Buffer.from([...beginning, ...numbers]),
  };
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value, 'latin1')];
}
