import { crc32 } from 'node:zlib';
import { FoghornError } from '../../../../protocol/errors.js';
import { entrySize } from '../../entry-size.js';
import type { ContainerKey, Entry } from '../../store.js';
import { shortCrc } from './short-crc.js';

/**
 * What the tables hold, which is all but the newest entries: those are in the journal until they are settled here.
 *
 *     entries      first offset         → the rows of some entries, see chunk.ts
 *     exits        offset               → a row; exits that have outlasted the entries around them
 *     keys         namespace NUL id     → one number for each entry and kept exit (sorted duplicates), see key-index.ts
 *     dedupe0, 1   key                  → storedAt i64 · offset f64 · CRC-32 u32; see dedupe-tables.ts
 *     meta         format, epoch, mark, owner, dedupe → texts
 *
 * A row is: storedAt i64 · reached i64 · total f64 · check u32 · envelope.
 *
 * Offsets as keys are in lmdb's ordered binary form, so that they sort; the other numbers are big-endian. `reached` is the
 * greatest entryTime, `total` the sum of entry sizes, of all entries ever stored up to and including this one: like `storedAt`
 * they never fall, so a time or an amount is found by binary search. `check` is the CRC-32 of the envelope and then of what
 * stands before the check.
 */
export const FORMAT = '4';

const STORED_AT = 0;
const REACHED = 8;
const TOTAL = 16;
const CHECK = 24;
const ENVELOPE = 28;

/** An entry's row, and its offset. */
export interface StoredEntry {
  readonly key: number;
  readonly value: Buffer;
}

/** What a row says of all entries up to its own. */
export interface Sums {
  readonly reached: bigint;
  readonly total: number;
}

/** How many bytes the row of an envelope takes. */
export function rowBytes(envelope: Uint8Array): number {
  return ENVELOPE + envelope.length;
}

/** Writes an entry's row into bytes that begin there. */
export function writeRow(bytes: Buffer, at: number, entry: Entry, { reached, total }: Sums): void {
  bytes.writeBigInt64BE(entry.storedAt, at + STORED_AT);
  bytes.writeBigInt64BE(reached, at + REACHED);
  bytes.writeDoubleBE(total, at + TOTAL);
  bytes.writeUInt32BE(shortCrc(bytes, at, at + CHECK, entry.fingerprint), at + CHECK);
  bytes.set(entry.envelope, at + ENVELOPE);
}

/** Throws DATA_LOSS when the bytes are not those that were stored. */
export function decodeEntry(offset: number, stored: Buffer): Entry {
  const storedAt = storedAtOf(offset, stored);
  const envelope = envelopeOf(stored);
  const fingerprint = crc32(envelope);
  if (checkOf(stored, fingerprint) !== stored.readUInt32BE(CHECK)) throw damaged(offset);
  return { offset, storedAt, fingerprint, envelope };
}

function checkOf(stored: Buffer, fingerprint: number): number {
  return shortCrc(stored, 0, CHECK, fingerprint);
}

/** The envelope's bytes, unchecked; none when the row is too short to be an entry. */
export function envelopeOf(stored: Buffer): Buffer {
  return stored.subarray(ENVELOPE);
}

/** Unchecked, like `sumsOf`. Throws DATA_LOSS when the bytes are too few to be an entry. */
export function storedAtOf(offset: number, stored: Buffer): bigint {
  checkLength(offset, stored);
  return stored.readBigInt64BE(STORED_AT);
}

/** Throws DATA_LOSS when the bytes are too few to be an entry. */
export function sumsOf(offset: number, stored: Buffer): Sums {
  checkLength(offset, stored);
  return { reached: stored.readBigInt64BE(REACHED), total: stored.readDoubleBE(TOTAL) };
}

/** The entry's own share of `total`. */
export function sizeOf(stored: Buffer): number {
  return entrySize(envelopeOf(stored).length);
}

function checkLength(offset: number, { length }: Buffer): void {
  if (length < ENVELOPE) throw damaged(offset);
}

export function damaged(offset: number): FoghornError {
  return new FoghornError('DATA_LOSS', `entry ${offset} is damaged: it is not what was stored`);
}

export function encodeKey({ namespace, container }: ContainerKey): Buffer {
  return Buffer.from(`${namespace}\0${container}`);
}

/** How many bytes a key takes. */
export function keyBytes({ namespace, container }: ContainerKey): number {
  return Buffer.byteLength(namespace) + 1 + Buffer.byteLength(container);
}

/** Writes what `encodeKey` gives; returns where it ends. */
export function writeKey(
  bytes: Buffer,
  at: number,
  { namespace, container }: ContainerKey,
): number {
  const nul = at + bytes.write(namespace, at);
  bytes[nul] = 0;
  return nul + 1 + bytes.write(container, nul + 1);
}

export function decodeKey(stored: Buffer): ContainerKey {
  const end = stored.indexOf(0);
  return {
    namespace: stored.toString('utf8', 0, end),
    container: stored.toString('utf8', end + 1),
  };
}
