import { crc32 } from 'node:zlib';

/*
 * The file of a queue: a header (8 bytes of magic, the position as a 64-bit number), then records:
 * length of the data, CRC-32 of time and data (4 bytes each), time in milliseconds since 1970
 * (8 bytes), data. All numbers are big-endian.
 */

export const MAGIC = Buffer.from('FHRELAY1');
export const POSITION_AT = MAGIC.length;
export const FILE_HEADER_BYTES = POSITION_AT + 8;

const CRC_AT = 4;
const TIME_AT = 8;
export const RECORD_HEADER_BYTES = 16;

export function encodePosition(position: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(position));
  return bytes;
}

/** @param time milliseconds since 1970 */
export function encodeRecord(time: number, data: Buffer): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + data.length);
  record.writeUInt32BE(data.length, 0);
  record.writeBigUInt64BE(BigInt(time), TIME_AT);
  record.set(data, RECORD_HEADER_BYTES);
  record.writeUInt32BE(crc32(record.subarray(TIME_AT)), CRC_AT);
  return record;
}

export function recordLength(header: Buffer): number {
  return RECORD_HEADER_BYTES + header.readUInt32BE(0);
}

/** Undefined for bytes that are not a whole record. */
export function decodeRecord(
  record: Buffer,
): { readonly time: number; readonly data: Buffer } | undefined {
  if (record.length < RECORD_HEADER_BYTES || record.length !== recordLength(record)) {
    return undefined;
  }
  if (record.readUInt32BE(CRC_AT) !== crc32(record.subarray(TIME_AT))) return undefined;
  const time = Number(record.readBigUInt64BE(TIME_AT));
  return { time, data: record.subarray(RECORD_HEADER_BYTES) };
}
