/*
 * Metadata on the wire. Header values come and go as latin1 text, one character for each byte.
 */

const ASCII = /^[ -~]*$/;
/** Names that HTTP/2 allows. */
const NAME = /^[0-9a-z_.-]+$/;
const BINARY_SUFFIX = '-bin';

/** The text of a header value: clients send UTF-8 where they send anything but ASCII. */
export function textOf(value: string): string {
  return ASCII.test(value) ? value : Buffer.from(value, 'latin1').toString();
}

/** The bytes of a `-bin` header value. A client may join several values with commas. */
export function bytesOf(value: string): Buffer {
  const end = value.indexOf(',');
  return Buffer.from(end < 0 ? value : value.slice(0, end), 'base64');
}

/**
 * Encodes metadata of a response. Throws TypeError for a name or value that gRPC does not allow:
 * bytes only with the suffix `-bin`, text only of printable ASCII.
 */
export function encodeMetadata(name: string, value: string | Uint8Array): [string, string] {
  if (!NAME.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of metadata`);
  const isBinary = typeof value !== 'string';
  if (isBinary !== name.endsWith(BINARY_SUFFIX)) {
    throw new TypeError(`${name}: expected ${isBinary ? 'text' : 'bytes'}`);
  }
  if (isBinary) return [name, Buffer.from(value).toString('base64').replace(/=+$/, '')];
  if (!ASCII.test(value)) throw new TypeError(`${name}: expected printable ASCII`);
  return [name, value];
}
