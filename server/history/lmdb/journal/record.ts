import { crc32 } from 'node:zlib';
import type { Entry } from '../../store.js';
import { indexValue, type KeyRow } from '../tables/key-index.js';
import type { RecordBuffers } from './record-buffers.js';
import { rowLength, writeRow, type RunningTotals, type TableEntry } from '../tables/row.js';
import { SIGNATURE_BYTES } from '../tables/tables.js';

/*
 * A record holds the entries of one commit:
 *
 *     header:     signature, 8 bytes · check u32 · body length u32 · first offset f64
 *     each entry: row length u32 · key length u16 · is main u8 · dedupe key length u8 ·
 *                 fingerprint u32 · row · key · dedupe key
 *
 * Row and key are those of the tables entries and keys, so a checkpoint only copies them. `check`
 * is the CRC-32 of all bytes after it. Numbers are big-endian. The signature is random, created
 * with the store and never disclosed, so that no payload can contain a record.
 */
const CHECK = SIGNATURE_BYTES;
const BODY_LENGTH = CHECK + 4;
const FIRST_OFFSET = BODY_LENGTH + 4;
const HEADER_BYTES = FIRST_OFFSET + 8;

const ROW_LENGTH = 0;
const KEY_LENGTH = 4;
const IS_MAIN = 6;
const DEDUPE_KEY_LENGTH = 7;
const FINGERPRINT = 8;
const ENTRY_HEADER_BYTES = 12;

/** An entry with everything that is stored for it. */
export interface CommitRow extends RunningTotals {
  readonly entry: Entry;
  /** The path of the entry's key. */
  readonly path: string | undefined;
  readonly isMain: boolean;
  readonly dedupeKey: Uint8Array | undefined;
}

/** A record in its encoded form. */
export class LogRecord {
  private constructor(
    /** The whole record. */
    readonly bytes: Buffer,
    /** Position of each entry. */
    private readonly starts: readonly number[],
  ) {}

  /** @param rows at least one, with consecutive offsets */
  static of(rows: readonly CommitRow[], signature: Buffer, buffers: RecordBuffers): LogRecord {
    const size = rows.reduce((sum, row) => sum + sizeOf(row), HEADER_BYTES);
    const bytes = buffers.take(size);
    bytes.set(signature);
    bytes.writeUInt32BE(size - HEADER_BYTES, BODY_LENGTH);
    bytes.writeDoubleBE(rows[0]?.entry.offset ?? 0, FIRST_OFFSET);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const starts: number[] = [];
    let at = HEADER_BYTES;
    for (const row of rows) {
      starts.push(at);
      at = write(bytes, view, at, row);
    }
    bytes.writeUInt32BE(crc32(bytes.subarray(BODY_LENGTH)), CHECK);
    return new LogRecord(bytes, starts);
  }

  /** Decodes the record at the start of `bytes`; undefined when it is incomplete or damaged. */
  static in(bytes: Buffer): LogRecord | undefined {
    if (bytes.length < HEADER_BYTES) return undefined;
    const record = bytes.subarray(0, HEADER_BYTES + bytes.readUInt32BE(BODY_LENGTH));
    if (crc32(record.subarray(BODY_LENGTH)) !== bytes.readUInt32BE(CHECK)) return undefined;
    return new LogRecord(record, startsOf(record));
  }

  /** Number of entries. */
  get entries(): number {
    return this.starts.length;
  }

  /** Offset of its first entry. */
  get first(): number {
    return this.bytes.readDoubleBE(FIRST_OFFSET);
  }

  /** Offset of its last entry. */
  get last(): number {
    return this.first + this.entries - 1;
  }

  /** Returns undefined for an offset that is not in this record. */
  row(offset: number): LogEntry | undefined {
    const start = this.starts[offset - this.first];
    return start === undefined ? undefined : new LogEntry(offset, this.bytes, start);
  }

  rows(): LogEntry[] {
    const { first, bytes } = this;
    return this.starts.map((start, index) => new LogEntry(first + index, bytes, start));
  }
}

/** An entry in a record. Its parts are decoded when they are asked for. */
export class LogEntry implements TableEntry {
  /** Positions in the record of its parts, each of which ends where the next one begins. */
  readonly #rowAt: number;
  readonly #keyAt: number;
  readonly #dedupeKeyAt: number;
  readonly #end: number;
  #stored: Buffer | undefined;

  constructor(
    readonly offset: number,
    private readonly bytes: Buffer,
    /** Position of the entry in the record. */
    private readonly start: number,
  ) {
    this.#rowAt = start + ENTRY_HEADER_BYTES;
    this.#keyAt = this.#rowAt + bytes.readUInt32BE(start + ROW_LENGTH);
    this.#dedupeKeyAt = this.#keyAt + bytes.readUInt16BE(start + KEY_LENGTH);
    this.#end = this.#dedupeKeyAt + bytes.readUInt8(start + DEDUPE_KEY_LENGTH);
  }

  get fingerprint(): number {
    return this.bytes.readUInt32BE(this.start + FINGERPRINT);
  }

  get stored(): Buffer {
    this.#stored ??= this.bytes.subarray(this.#rowAt, this.#keyAt);
    return this.#stored;
  }

  get filed(): KeyRow | undefined {
    if (this.#keyAt === this.#dedupeKeyAt) return undefined;
    const key = this.bytes.subarray(this.#keyAt, this.#dedupeKeyAt);
    return { key, value: this.indexValue };
  }

  /** The key of `filed`, with one character for each byte; empty for an entry without a key. */
  get latinKey(): string {
    return this.bytes.toString('latin1', this.#keyAt, this.#dedupeKeyAt);
  }

  /** The value of `filed`. */
  get indexValue(): number {
    return indexValue(this.bytes.readUInt8(this.start + IS_MAIN) === 1, this.offset);
  }

  get dedupeKey(): Buffer | undefined {
    if (this.#dedupeKeyAt === this.#end) return undefined;
    return this.bytes.subarray(this.#dedupeKeyAt, this.#end);
  }
}

/** The first offset that the header of a damaged record names; undefined if it is cut. */
export function firstOfDamaged(bytes: Buffer): number | undefined {
  return bytes.length < HEADER_BYTES ? undefined : bytes.readDoubleBE(FIRST_OFFSET);
}

/** The rows of a damaged record, unchecked, as far as their lengths make sense. */
export function* rowsOfDamaged(bytes: Buffer, first: number, last: number): Iterable<LogEntry> {
  let at = HEADER_BYTES;
  for (let offset = first; offset <= last && at + ENTRY_HEADER_BYTES <= bytes.length; offset++) {
    const end = entryEnd(bytes, at);
    if (end > bytes.length) return;
    yield new LogEntry(offset, bytes, at);
    at = end;
  }
}

function startsOf(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at = entryEnd(bytes, at)) starts.push(at);
  return starts;
}

function entryEnd(bytes: Buffer, start: number): number {
  return (
    start +
    ENTRY_HEADER_BYTES +
    bytes.readUInt32BE(start + ROW_LENGTH) +
    bytes.readUInt16BE(start + KEY_LENGTH) +
    bytes.readUInt8(start + DEDUPE_KEY_LENGTH)
  );
}

function sizeOf({ entry, path, dedupeKey }: CommitRow): number {
  const keys = (path === undefined ? 0 : Buffer.byteLength(path)) + (dedupeKey?.length ?? 0);
  return ENTRY_HEADER_BYTES + rowLength(entry.envelope) + keys;
}

function write(bytes: Buffer, view: DataView, start: number, row: CommitRow): number {
  const { entry, path, isMain, dedupeKey } = row;
  const rowAt = start + ENTRY_HEADER_BYTES;
  writeRow(bytes, view, rowAt, entry, row);
  const keyAt = rowAt + rowLength(entry.envelope);
  const dedupeAt = path === undefined ? keyAt : keyAt + bytes.write(path, keyAt);
  if (dedupeKey !== undefined) bytes.set(dedupeKey, dedupeAt);
  const end = dedupeAt + (dedupeKey?.length ?? 0);
  view.setUint32(start + ROW_LENGTH, keyAt - rowAt);
  view.setUint16(start + KEY_LENGTH, dedupeAt - keyAt);
  view.setUint8(start + IS_MAIN, isMain ? 1 : 0);
  view.setUint8(start + DEDUPE_KEY_LENGTH, end - dedupeAt);
  view.setUint32(start + FINGERPRINT, entry.fingerprint);
  return end;
}
