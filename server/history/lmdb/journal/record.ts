import { crc32 } from 'node:zlib';
import type { Row } from '../batch.js';
import { filedValue, type KeyRow } from '../tables/key-index.js';
import type { RecordRoom } from './record-buffers.js';
import { keyBytes, rowBytes, writeKey, writeRow } from '../tables/row.js';

/*
 * What one commit writes:
 *
 *     mark, 8 bytes · check u32 · bytes u32 · first offset f64
 *     for each entry: row's bytes u32 · key's bytes u16 · is lifecycle u8 · dedupe key's bytes u8 · fingerprint u32 · row · key ·
 *     dedupe key
 *
 * Row and key are those of the tables entries and keys, so that they only need to be copied there. `bytes` counts what follows the
 * header, and `check` is the CRC-32 of all that follows it; numbers are big-endian. The mark is made at random with the store and told
 * to nobody, so that no payload can contain a record.
 */
export const MARK_BYTES = 8;
const CHECK = MARK_BYTES;
const BYTES = CHECK + 4;
const FIRST = BYTES + 4;
const HEADER_BYTES = FIRST + 8;

const ROW_BYTES = 0;
const KEY_BYTES = 4;
const IS_LIFECYCLE = 6;
const DEDUPE_BYTES = 7;
const FINGERPRINT = 8;
const ROW_HEADER_BYTES = 12;

/** An entry as the tables take it; all of it are parts of a record's bytes. */
export interface RecordedRow {
  readonly offset: number;
  readonly fingerprint: number;
  /** Of the table entries. */
  readonly stored: Buffer;
  readonly filed: KeyRow | undefined;
  readonly dedupeKey: Buffer | undefined;
}

/** One commit's entries, as they are in a file. */
export class JournalRecord {
  /** Where each entry begins. */
  #starts: readonly number[] | undefined;

  private constructor(
    /** All of it. */
    readonly bytes: Buffer,
    /** How many. */
    readonly entries: number,
  ) {}

  /** @param rows at least one, with offsets that follow each other */
  static of(rows: readonly Row[], mark: Buffer, room: RecordRoom): JournalRecord {
    const size = rows.reduce((sum, row) => sum + sizeOf(row), HEADER_BYTES);
    const bytes = room.take(size);
    bytes.set(mark);
    bytes.writeUInt32BE(size - HEADER_BYTES, BYTES);
    bytes.writeDoubleBE(rows[0]?.entry.offset ?? 0, FIRST);
    let at = HEADER_BYTES;
    for (const row of rows) at = write(bytes, at, row);
    bytes.writeUInt32BE(crc32(bytes.subarray(BYTES)), CHECK);
    return new JournalRecord(bytes, rows.length);
  }

  /** The record that these bytes begin with, after a mark; undefined when it is not whole. */
  static in(bytes: Buffer): JournalRecord | undefined {
    if (bytes.length < HEADER_BYTES) return undefined;
    const record = bytes.subarray(0, HEADER_BYTES + bytes.readUInt32BE(BYTES));
    if (crc32(record.subarray(BYTES)) !== bytes.readUInt32BE(CHECK)) return undefined;
    return new JournalRecord(record, [...starts(record)].length);
  }

  /** The offset of its first entry. */
  get first(): number {
    return this.bytes.readDoubleBE(FIRST);
  }

  /** The offset of its last entry. */
  get last(): number {
    return this.first + this.entries - 1;
  }

  /** Undefined for an offset that is not in it. */
  row(offset: number): RecordedRow | undefined {
    this.#starts ??= [...starts(this.bytes)];
    const start = this.#starts[offset - this.first];
    return start === undefined ? undefined : read(this.bytes, start, offset);
  }

  *rows(): Iterable<RecordedRow> {
    let offset = this.first;
    for (const start of starts(this.bytes)) yield read(this.bytes, start, offset++);
  }
}

function* starts(bytes: Buffer): Iterable<number> {
  for (let at = HEADER_BYTES; at < bytes.length;) {
    yield at;
    const rest = bytes.readUInt16BE(at + KEY_BYTES) + bytes.readUInt8(at + DEDUPE_BYTES);
    at += ROW_HEADER_BYTES + bytes.readUInt32BE(at + ROW_BYTES) + rest;
  }
}

function read(bytes: Buffer, start: number, offset: number): RecordedRow {
  const rowAt = start + ROW_HEADER_BYTES;
  const keyAt = rowAt + bytes.readUInt32BE(start + ROW_BYTES);
  const dedupeAt = keyAt + bytes.readUInt16BE(start + KEY_BYTES);
  const end = dedupeAt + bytes.readUInt8(start + DEDUPE_BYTES);
  const value = filedValue(bytes.readUInt8(start + IS_LIFECYCLE) === 1, offset);
  return {
    offset,
    fingerprint: bytes.readUInt32BE(start + FINGERPRINT),
    stored: bytes.subarray(rowAt, keyAt),
    filed: keyAt === dedupeAt ? undefined : { key: bytes.subarray(keyAt, dedupeAt), value },
    dedupeKey: dedupeAt === end ? undefined : bytes.subarray(dedupeAt, end),
  };
}

function sizeOf({ entry, filing: { key }, dedupeKey }: Row): number {
  const keys = (key === undefined ? 0 : keyBytes(key)) + (dedupeKey?.length ?? 0);
  return ROW_HEADER_BYTES + rowBytes(entry.envelope) + keys;
}

function write(bytes: Buffer, start: number, row: Row): number {
  const { entry, filing, dedupeKey } = row;
  const rowAt = start + ROW_HEADER_BYTES;
  writeRow(bytes, rowAt, entry, row);
  const keyAt = rowAt + rowBytes(entry.envelope);
  const dedupeAt = filing.key === undefined ? keyAt : writeKey(bytes, keyAt, filing.key);
  if (dedupeKey !== undefined) bytes.set(dedupeKey, dedupeAt);
  const end = dedupeAt + (dedupeKey?.length ?? 0);
  bytes.writeUInt32BE(keyAt - rowAt, start + ROW_BYTES);
  bytes.writeUInt16BE(dedupeAt - keyAt, start + KEY_BYTES);
  bytes.writeUInt8(filing.isLifecycle ? 1 : 0, start + IS_LIFECYCLE);
  bytes.writeUInt8(end - dedupeAt, start + DEDUPE_BYTES);
  bytes.writeUInt32BE(entry.fingerprint, start + FINGERPRINT);
  return end;
}
