/** Size of a negative int64 as a varint. */
const NEGATIVE_BYTES = 10;

/** Largest size of what `writeHead` writes for a tag below 128. */
export const MAX_HEAD_BYTES = 6;

/** Size of a number as a protobuf varint. @param value a safe integer */
export function varintSize(value: number): number {
  if (value < 0) return NEGATIVE_BYTES;
  if (value < 2 ** 7) return 1;
  if (value < 2 ** 14) return 2;
  if (value < 2 ** 21) return 3;
  if (value < 2 ** 28) return 4;
  let size = 5;
  for (let rest = Math.floor(value / 2 ** 35); rest > 0; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Writes a safe integer as a protobuf varint; returns where it ends. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0) return writeNegative(bytes, at, value);
  let rest = value;
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  return writeLength(bytes, at, rest);
}

/** Writes a number from 0 to 2^31 - 1 as a protobuf varint, without arithmetic on doubles. */
function writeLength(bytes: Uint8Array, at: number, length: number): number {
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** Protobuf encodes negative numbers as 64 bits in two's complement. */
function writeNegative(bytes: Uint8Array, at: number, value: number): number {
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
  bytes[at++] = Number(rest);
  return at;
}

/** Size of a length-delimited field with a tag below 128: tag, length and content. */
export function fieldSize(length: number): number {
  let size = 2 + length;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) size += 1;
  return size;
}

/** Like `fieldSize`, for a field that is left out when it is empty, as proto3 does. */
export function optionalFieldSize(length: number): number {
  return length === 0 ? 0 : fieldSize(length);
}

/** Writes the tag (below 128) and length of a field; returns where its content begins. */
export function writeHead(bytes: Uint8Array, at: number, tag: number, length: number): number {
  bytes[at] = tag;
  return writeLength(bytes, at + 1, length);
}

/** Writes a length-delimited field unless it is empty; returns where it ends. */
export function writeOptional(
  bytes: Uint8Array,
  begin: number,
  tag: number,
  content: Uint8Array,
): number {
  if (content.length === 0) return begin;
  const at = writeHead(bytes, begin, tag, content.length);
  bytes.set(content, at);
  return at + content.length;
}

/** Like `writeOptional`, for text that must be ASCII. */
export function writeOptionalAscii(
  bytes: Uint8Array,
  begin: number,
  tag: number,
  text: string,
): number {
  if (text.length === 0) return begin;
  const at = writeHead(bytes, begin, tag, text.length);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
