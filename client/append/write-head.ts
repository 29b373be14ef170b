/** What `writeHead` writes at most. */
export const MOST_FRAMING = 6;

/** Writes the tag and the length of a length-delimited protobuf field; returns where its content begins. */
export function writeHead(bytes: Uint8Array, begin: number, tag: number, length: number): number {
  let at = begin;
  bytes[at++] = tag;
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}
