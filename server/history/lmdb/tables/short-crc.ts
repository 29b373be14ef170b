/** Of CRC-32 as zlib has it, what a byte makes of the rest. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * What zlib's `crc32` gives for the bytes from `start` up to `end`, going on from the CRC-32 `before`. Of a few dozen bytes it is
 * cheaper than the call, and needs no view of them.
 */
export function shortCrc(bytes: Uint8Array, start: number, end: number, before: number): number {
  let crc = ~before;
  for (let at = start; at < end; at++) {
    crc = (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
