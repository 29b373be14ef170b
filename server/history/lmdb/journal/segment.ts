import type { Place } from '../../duplicates.js';
import { firstOffset } from '../../first-offset.js';
import type { Entry, Scope } from '../../store.js';
import type { CommitRow } from './commit-batch.js';
import { decodeEntry } from '../tables/row.js';
import type { LogFile } from './log-file.js';
import { SegmentIndex } from './segment-index.js';
import { LogRecord } from './record.js';
import type { TableEntry } from '../tables/row.js';
import { RecordBuffers } from './record-buffers.js';

/** With so much in it, a part is full: the tables take it in a few commits, and it is little to hold in memory. */
const SEGMENT_LIMITS = { entries: 8192, bytes: 4 * 1024 * 1024 };

/** What one file has that the tables do not, and where that ends in it. */
export interface RecoveredSegment {
  readonly records: readonly LogRecord[];
  readonly end: number;
}

/** One file of the journal, and in memory what of it is not in the tables yet. */
export class Segment {
  readonly #buffers = new RecordBuffers();
  #records: LogRecord[] = [];
  #index = new SegmentIndex(this.#records);
  #entries = 0;
  #bytes = 0;

  constructor(
    private readonly file: LogFile,
    private readonly mark: Buffer,
    { records, end }: RecoveredSegment,
  ) {
    file.continueAt(end);
    for (const record of records) this.#add(record);
  }

  get records(): readonly LogRecord[] {
    return this.#records;
  }

  get isFull(): boolean {
    return this.#entries >= SEGMENT_LIMITS.entries || this.#bytes >= SEGMENT_LIMITS.bytes;
  }

  /** Resolves when it is flushed. */
  async write(rows: readonly CommitRow[]): Promise<void> {
    const record = LogRecord.of(rows, this.mark, this.#buffers);
    await this.file.append(record.bytes);
    this.#add(record);
  }

  /** To be called once the tables have it all. */
  restart(): void {
    this.file.continueAt(0);
    this.#buffers.reuse();
    this.#records = [];
    this.#index = new SegmentIndex(this.#records);
    this.#entries = 0;
    this.#bytes = 0;
  }

  /** Gives its room back to the disk. Nothing may be in it. */
  clear(): Promise<void> {
    return this.file.clear();
  }

  row(offset: number): TableEntry | undefined {
    return this.#records[this.#recordWith(offset)]?.row(offset);
  }

  /** Where the first of equal envelopes is, if that is here. */
  place(dedupeKey: string): Place | undefined {
    const offset = this.#index.withDedupeKey(dedupeKey);
    return offset === undefined ? undefined : this.#entry(offset);
  }

  /** The entries after an offset, in order. */
  *after(offset: number, scope: Scope | undefined): Iterable<Entry> {
    const offsets =
      scope === undefined ? this.#offsetsFrom(offset + 1) : this.#index.offsets(scope);
    for (const one of offsets) {
      const entry = one > offset ? this.#entry(one) : undefined;
      if (entry !== undefined) yield entry;
    }
  }

  /** The containers of a namespace that entries are filed under here. */
  containers(namespace: string): Iterable<string> {
    return this.#index.containers(namespace);
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
    // Bytes of its own, lest a whole record stay in memory with it.
    return row && decodeEntry(offset, Buffer.from(row.stored));
  }

  *#offsetsFrom(offset: number): Iterable<number> {
    const first = this.#records[0]?.first ?? 0;
    const last = this.#records.at(-1)?.last ?? -1;
    for (let at = Math.max(offset, first); at <= last; at++) yield at;
  }

  /** The index of the record that an offset is in, if any is. */
  #recordWith(offset: number): number {
    const isAfter = (index: number): boolean => (this.#records[index]?.first ?? 0) > offset;
    return firstOffset(0, this.#records.length - 1, isAfter) - 1;
  }
}
