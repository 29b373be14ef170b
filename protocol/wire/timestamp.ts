import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import type { WireReader } from './reader.js';
import { varintSize, writeVarint } from './writer.js';

/** Tags of google.protobuf.Timestamp. */
const SECONDS_TAG = 0x08;
const NANOS_TAG = 0x10;

/** Size of a Timestamp. Zeros are left out, as proto3 does. */
export function timestampSize(seconds: number, nanos: number): number {
  return numberSize(seconds) + numberSize(nanos);
}

/** Writes a Timestamp; returns where it ends. */
export function writeTimestamp(
  bytes: Uint8Array,
  begin: number,
  seconds: number,
  nanos: number,
): number {
  return writeNumber(bytes, writeNumber(bytes, begin, SECONDS_TAG, seconds), NANOS_TAG, nanos);
}

/** The Timestamp that the reader stepped over last; undefined before 1970 and for other fields. */
export function readTimestamp(reader: WireReader): Timestamp | undefined {
  const end = reader.into();
  const seconds = reader.number(SECONDS_TAG, end);
  const nanos = reader.number(NANOS_TAG, end);
  // Larger numbers are negative ones to the generated decoder.
  if (reader.pos !== end || nanos >= 2 ** 31) return undefined;
  return { seconds: BigInt(seconds), nanos };
}

function numberSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

function writeNumber(bytes: Uint8Array, at: number, tag: number, value: number): number {
  if (value === 0) return at;
  bytes[at] = tag;
  return writeVarint(bytes, at + 1, value);
}
