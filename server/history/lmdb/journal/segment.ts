import type { Original } from '../../duplicates.js';
import { firstOffset } from '../../first-offset.js';
import type { Entry } from '../../store.js';
import { damagedEntry, decodeEntry } from '../tables/row.js';
import { SegmentIndex } from './segment-index.js';
import { LogRecord, type CommitRow } from './record.js';
import type { TableEntry } from '../tables/row.js';
import type { LogFile } from './log-file.js';
import { RecordBuffers } from './record-buffers.js';

/** A full segment fits easily into memory and into a few commits of the tables. */
const SEGMENT_LIMITS = { entries: 8192, bytes: 4 * 1024 * 1024 };

/** The records of one log file that the tables lack, and the position after the last of them. */
export interface RecoveredSegment {
  readonly records: readonly LogRecord[];
  readonly end: number;
  /** Whether records follow that were never acknowledged. */
  readonly hasRemains: boolean;
}

/**
 * One file of the log, with its records in memory until a checkpoint has put them into the tables.
 */
export class Segment {
  readonly #buffers = new RecordBuffers();
  #records: LogRecord[] = [];
  #index = new SegmentIndex(this.#records);
  #entries = 0;
  #bytes = 0;

  constructor(
    private readonly file: LogFile,
    private readonly signature: Buffer,
    { records, end, hasRemains }: RecoveredSegment,
  ) {
    file.continueAt(end, hasRemains);
    for (const record of records) this.#add(record);
  }

  get records(): readonly LogRecord[] {
    return this.#records;
  }

  get isFull(): boolean {
    return this.#entries >= SEGMENT_LIMITS.entries || this.#bytes >= SEGMENT_LIMITS.bytes;
  }

  /** Resolves when the rows are flushed, and those of all calls before. See `LogFile.append`. */
  async write(rows: readonly CommitRow[]): Promise<void> {
    if (rows.length === 0) return this.file.flushed();
    const record = LogRecord.of(rows, this.signature, this.#buffers);
    await this.file.append(record.bytes);
    this.#add(record);
  }

  /** Empties the segment. Must be called only after its checkpoint is durable. */
  restart(): void {
    this.file.continueAt(0);
    this.#buffers.reuse();
    this.#records = [];
    this.#index = new SegmentIndex(this.#records);
    this.#entries = 0;
    this.#bytes = 0;
  }

  /** See LogFile. */
  cutRemains(): Promise<void> {
    return this.file.cutRemains();
  }

  /** Truncates the file of an empty segment. */
  clear(): Promise<void> {
    return this.file.clear();
  }

  row(offset: number): TableEntry | undefined {
    return this.#records[this.#recordWith(offset)]?.row(offset);
  }

  /** The newest entry with a dedupe key, if it is in this segment. */
  original(dedupeKey: string): Original | undefined {
    const offset = this.#index.withDedupeKey(dedupeKey);
    return offset === undefined ? undefined : this.#entry(offset);
  }

  /** The entries after an offset, in order. */
  *after(offset: number, key: string | undefined): Iterable<Entry> {
    const offsets = key === undefined ? this.#offsetsFrom(offset + 1) : this.#index.offsets(key);
    for (const each of offsets) {
      const entry = each > offset ? this.#entry(each) : undefined;
      if (entry !== undefined) yield entry;
    }
  }

  /** The paths that begin with a prefix and have entries in this segment. */
  paths(prefix: string): Iterable<string> {
    return this.#index.paths(prefix);
  }

  dedupeKeys(): Iterable<string> {
    return this.#index.dedupeKeys();
  }

  #add(record: LogRecord): void {
    this.#records.push(record);
    this.#entries += record.entries;
    this.#bytes += record.bytes.length;
  }

  #entry(offset: number): Entry | undefined {
    const row = this.row(offset);
    if (row === undefined) return undefined;
    // Copied, so that the entry does not keep its whole record in memory.
    const entry = decodeEntry(offset, Buffer.from(row.stored));
    // Its record has passed a check of its own, so only the process's memory can be damaged.
    if (entry === undefined) throw damagedEntry(offset);
    return entry;
  }

  *#offsetsFrom(offset: number): Iterable<number> {
    const first = this.#records[0]?.first ?? 0;
    const last = this.#records.at(-1)?.last ?? -1;
    for (let at = Math.max(offset, first); at <= last; at++) yield at;
  }

  /** The index of the record that would contain an offset. */
  #recordWith(offset: number): number {
    const isAfter = (index: number): boolean => (this.#records[index]?.first ?? 0) > offset;
    return firstOffset(0, this.#records.length - 1, isAfter) - 1;
  }
}
