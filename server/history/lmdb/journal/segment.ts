import { constants, write } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Original } from '../../duplicates.js';
import { firstOffset } from '../../first-offset.js';
import type { Entry } from '../../store.js';
import { damagedEntry, decodeEntry } from '../tables/row.js';
import { SegmentIndex } from './segment-index.js';
import { LogRecord, type CommitRow } from './record.js';
import type { TableEntry } from '../tables/row.js';
import { RecordBuffers } from './record-buffers.js';

/** A full segment fits easily into memory and into a few commits of the tables. */
const SEGMENT_LIMITS = { entries: 8192, bytes: 4 * 1024 * 1024 };

/** The records of one log file that the tables lack, and the position after the last of them. */
export interface RecoveredSegment {
  readonly records: readonly LogRecord[];
  readonly end: number;
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

/** With O_DSYNC a write resolves once it is on the disk, which is cheaper than a flush after it. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC;
/** Zeros written ahead, because a write that extends the file takes 1.5 times as long to flush. */
const PREALLOCATION = Buffer.alloc(256 * 1024);

/** A file of the log: written sequentially and then reused from the start at its full size. */
export class LogFile {
  /** Position of the next write. */
  #end = 0;

  private constructor(
    private readonly handle: FileHandle,
    private size: number,
  ) {}

  static async open(path: string): Promise<LogFile> {
    const handle = await open(path, OPEN_FLAGS, 0o600);
    const { size } = await handle.stat();
    return new LogFile(handle, size);
  }

  /** All bytes of the file, stale records included. */
  async contents(): Promise<Buffer> {
    const bytes = Buffer.alloc(this.size);
    let read = 0;
    for (let got = 1; got > 0 && read < bytes.length; read += got) {
      ({ bytesRead: got } = await this.handle.read(bytes, read, bytes.length - read, read));
    }
    return bytes.subarray(0, read);
  }

  /** Resolves when the bytes are flushed. Rejects with the file system's error and removes them. */
  async append(bytes: Uint8Array): Promise<void> {
    const end = this.#end + bytes.length;
    if (end > this.size) await this.#extend(end);
    try {
      await this.#write(bytes, this.#end);
    } catch (error) {
      await this.#cut(this.#end);
      throw error;
    }
    this.#end = end;
    this.size = Math.max(this.size, end);
  }

  /** Sets the position of the next write. Bytes after it stay until they are overwritten. */
  continueAt(end: number): void {
    this.#end = end;
  }

  /** Truncates the file to nothing. */
  async clear(): Promise<void> {
    await this.#cut(0);
    this.#end = 0;
  }

  get bytes(): number {
    return this.size;
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  async #extend(end: number): Promise<void> {
    const { size } = this;
    try {
      while (this.size < end) {
        await this.#write(PREALLOCATION, this.size);
        this.size += PREALLOCATION.length;
      }
    } catch {
      // The write itself may still fit, and reports the error if it does not.
      await this.#cut(size);
    }
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const left = bytes.length - written;
      written += await writeAt(this.handle.fd, bytes, written, left, position + written);
    }
  }

  async #cut(size: number): Promise<void> {
    await this.handle.truncate(size);
    await this.handle.datasync();
    this.size = size;
  }
}

/** Resolves with the number of bytes written. FileHandle would take several promises for it. */
function writeAt(
  file: number,
  bytes: Uint8Array,
  from: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    write(file, bytes, from, length, position, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}
