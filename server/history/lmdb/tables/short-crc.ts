/** CRC-32 lookup table (zlib's polynomial). */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * The CRC-32 of the bytes from `start` up to `end`, continued from the CRC-32 `before`. Equal to
 * zlib's `crc32`. For a few dozen bytes it is cheaper than that native call, and needs no subarray.
 */
export function shortCrc(bytes: Uint8Array, start: number, end: number, before: number): number {
  let crc = ~before;
  for (let at = start; at < end; at++) {
    crc = (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
