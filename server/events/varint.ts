/** Of an int64 below zero. */
const NEGATIVE_BYTES = 10;

/** How many bytes a number takes as a protobuf varint. @param value a safe integer */
export function varintSize(value: number): number {
  if (value < 0) return NEGATIVE_BYTES;
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Writes a number as a varint; returns where it ends. */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  if (value < 0) return writeNegative(bytes, at, value);
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** Two's complement of 64 bits. */
function writeNegative(bytes: Buffer, at: number, value: number): number {
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
  bytes[at++] = Number(rest);
  return at;
}
