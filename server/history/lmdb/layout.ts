import { crc32 } from 'node:zlib';
import { FoghornError } from '../../../protos/errors.js';
import type { ContainerKey, Entry } from '../store.js';

/**
 * What the tables hold:
 *
 *     entries   offset                → storedAt i64 · reached i64 · CRC-32 u32 · envelope
 *     keys      namespace NUL id      → offset, one value for each entry (sorted duplicates)
 *     meta      format, epoch, owner  → texts
 *
 * Offsets are in lmdb's ordered binary form, so that they sort; the other numbers are big-endian. `reached` is the greatest entryTime up to and including the entry: it never
 * falls, so a time is found by binary search.
 */
export const FORMAT = '1';

const STORED_AT = 0;
const REACHED = 8;
const FINGERPRINT = 16;
const ENVELOPE = 20;

/** A row of the entries table. */
export interface StoredEntry {
  readonly key: number;
  readonly value: Buffer;
}

export function encodeEntry(entry: Entry, reached: bigint): Buffer {
  const stored = Buffer.allocUnsafe(ENVELOPE + entry.envelope.length);
  stored.writeBigInt64BE(entry.storedAt, STORED_AT);
  stored.writeBigInt64BE(reached, REACHED);
  stored.writeUInt32BE(entry.fingerprint, FINGERPRINT);
  stored.set(entry.envelope, ENVELOPE);
  return stored;
}

/** Throws DATA_LOSS when the bytes are not those that were stored. */
export function decodeEntry(offset: number, stored: Buffer): Entry {
  const storedAt = storedAtOf(offset, stored);
  const envelope = stored.subarray(ENVELOPE);
  const fingerprint = stored.readUInt32BE(FINGERPRINT);
  if (crc32(envelope) !== fingerprint) throw damaged(offset);
  return { offset, storedAt, fingerprint, envelope };
}

/** Throws DATA_LOSS when the bytes are too few to be an entry. */
export function storedAtOf(offset: number, stored: Buffer): bigint {
  if (stored.length < ENVELOPE) throw damaged(offset);
  return stored.readBigInt64BE(STORED_AT);
}

/** Throws DATA_LOSS when the bytes are too few to be an entry. */
export function reachedOf(offset: number, stored: Buffer): bigint {
  if (stored.length < ENVELOPE) throw damaged(offset);
  return stored.readBigInt64BE(REACHED);
}

export function damaged(offset: number): FoghornError {
  return new FoghornError('DATA_LOSS', `entry ${offset} is damaged: it is not what was stored`);
}

export function encodeKey({ namespace, container }: ContainerKey): Buffer {
  return Buffer.from(`${namespace}\0${container}`);
}

export function decodeKey(stored: Buffer): ContainerKey {
  const end = stored.indexOf(0);
  return {
    namespace: stored.toString('utf8', 0, end),
    container: stored.toString('utf8', end + 1),
  };
}
