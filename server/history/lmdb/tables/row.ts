import { crc32 } from 'node:zlib';
import { FoghornError } from '../../../../protocol/errors.js';
import { entrySize } from '../../entry-size.js';
import { UNCLASSIFIED, type Classification, type Entry, type StoreSettings } from '../../store.js';
import type { KeyRow } from './key-index.js';
import { shortCrc } from './short-crc.js';

/*
 * An entry is stored as a row:
 *
 *     storedAt i64 · latestTime i64 · totalBytes f64 · check u32 · envelope
 *
 * `latestTime` is the greatest entry time, and `totalBytes` the sum of entry sizes, of all entries
 * ever stored up to and including this one. Like `storedAt` they never fall, so binary search finds
 * a time or an amount. `check` is the CRC-32 of the envelope followed by the fields before the
 * check.
 */
const STORED_AT = 0;
const LATEST_TIME = 8;
const TOTAL_BYTES = 16;
const CHECK = 24;
const HEADER_BYTES = 28;

/** A row with its offset, in the form in which lmdb returns it. */
export interface StoredRow {
  readonly key: number;
  readonly value: Buffer;
}

/** An entry in the form in which a checkpoint puts it into the tables. */
export interface TableEntry {
  readonly offset: number;
  readonly fingerprint: number;
  /** Its row. */
  readonly stored: Buffer;
  readonly filed: KeyRow | undefined;
  readonly dedupeKey: Buffer | undefined;
}

/** Values accumulated over all entries up to and including one. */
export interface RunningTotals {
  readonly latestTime: bigint;
  readonly totalBytes: number;
}

/** Length in bytes of an envelope's row. */
export function rowLength(envelope: Uint8Array): number {
  return HEADER_BYTES + envelope.length;
}

/**
 * Writes an entry's row into `bytes`, beginning at `at`.
 *
 * @param view of the same bytes, because Buffer writes a bigint many times slower
 */
export function writeRow(
  bytes: Buffer,
  view: DataView,
  at: number,
  entry: Entry,
  { latestTime: reached, totalBytes: total }: RunningTotals,
): void {
  view.setBigInt64(at + STORED_AT, entry.storedAt);
  view.setBigInt64(at + LATEST_TIME, reached);
  view.setFloat64(at + TOTAL_BYTES, total);
  view.setUint32(at + CHECK, shortCrc(bytes, at, at + CHECK, entry.fingerprint));
  bytes.set(entry.envelope, at + HEADER_BYTES);
}

/** Returns undefined when the row fails its check. */
export function decodeEntry(offset: number, stored: Buffer): Entry | undefined {
  const { buffer, byteOffset, byteLength } = stored;
  const view = new DataView(buffer, byteOffset, byteLength);
  return decodeEntryAt(offset, stored, view, 0, stored.length);
}

/**
 * Decodes the row from `begin` up to `end`. Returns undefined when it fails its check.
 *
 * @param view of the same bytes, because Buffer reads a bigint many times slower
 */
export function decodeEntryAt(
  offset: number,
  bytes: Buffer,
  view: DataView,
  begin: number,
  end: number,
): Entry | undefined {
  if (end - begin < HEADER_BYTES || end > bytes.length) return undefined;
  const envelope = bytes.subarray(begin + HEADER_BYTES, end);
  const fingerprint = crc32(envelope);
  const check = shortCrc(bytes, begin, begin + CHECK, fingerprint);
  if (check !== view.getUint32(begin + CHECK)) return undefined;
  return { offset, storedAt: view.getBigInt64(begin + STORED_AT), fingerprint, envelope };
}

/** The envelope's bytes, unchecked; empty when the row is too short. */
export function envelopeOf(stored: Buffer): Buffer {
  return stored.subarray(HEADER_BYTES);
}

/** The classification of an envelope; none for one that cannot be decoded. */
export function classificationOf(
  stored: Buffer,
  classify: StoreSettings['classify'],
): Classification {
  try {
    return classify(envelopeOf(stored));
  } catch {
    return UNCLASSIFIED;
  }
}

/** Unchecked, like `totalsOf`. Throws DATA_LOSS when the bytes are too few to be an entry. */
export function storedAtOf(offset: number, stored: Buffer): bigint {
  checkLength(offset, stored);
  return stored.readBigInt64BE(STORED_AT);
}

/** Throws DATA_LOSS when the row is too short. */
export function totalsOf(offset: number, stored: Buffer): RunningTotals {
  checkLength(offset, stored);
  return {
    latestTime: stored.readBigInt64BE(LATEST_TIME),
    totalBytes: stored.readDoubleBE(TOTAL_BYTES),
  };
}

/** The entry's own share of `totalBytes`. */
export function entrySizeOf(stored: Buffer): number {
  return entrySize(envelopeOf(stored).length);
}

/** Whether the bytes are long enough to be a row. */
export function isRow({ length }: Buffer): boolean {
  return length >= HEADER_BYTES;
}

function checkLength(offset: number, stored: Buffer): void {
  if (!isRow(stored)) throw damagedEntry(offset);
}

export function damagedEntry(offset: number): FoghornError {
  return new FoghornError('DATA_LOSS', `entry ${offset} is damaged: it is not what was stored`);
}
