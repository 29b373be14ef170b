import { access, constants, type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { geteuid } from 'node:process';
import { makeDirectories } from '../../protocol/make-directories.js';
import {
  decodeRecord,
  encodePosition,
  encodeRecord,
  FILE_HEADER_BYTES,
  MAGIC,
  POSITION_AT,
  RECORD_HEADER_BYTES,
  recordLength,
} from './queue-record.js';

/** Name in its directory. */
const FILE = 'queue';

/** Bytes that were passed on, from which the file is written anew without them. */
const COMPACT_BYTES = 16 * 1024 * 1024;
const COPY_BYTES = 1024 * 1024;

/** The oldest event of a queue. */
export interface QueuedEvent {
  /** When it was queued, in milliseconds since 1970. */
  readonly time: number;
  /** Undefined where the file is damaged from here on, up to `end`. */
  readonly data: Buffer | undefined;
  /** End of its record in the file. */
  readonly end: number;
}

/**
 * A queue of events in a file, oldest first. It survives a crash of the process. It is not flushed
 * to the disk: a crash of the machine also ends containerd and all who listen to it.
 */
export class RelayQueue {
  /** Steps on the file run one after another. */
  #lastStep: Promise<unknown> = Promise.resolve();
  /** Records that the next write takes along. */
  #waiting: Buffer[] = [];
  #write: Promise<void> | undefined;
  #onAdded = (): void => {};

  private constructor(
    private readonly file: FileHandle,
    /** Beginning of the oldest record. */
    private position: number,
    /** End of the newest record. */
    private end: number,
  ) {}

  static async exists(directory: string): Promise<boolean> {
    return access(join(directory, FILE)).then(
      () => true,
      () => false,
    );
  }

  /**
   * Opens or makes the queue of a directory. A record that a crash cut off is removed. Throws for a
   * directory that another user may change.
   */
  static async open(directory: string, uid = geteuid?.()): Promise<RelayQueue> {
    makeDirectories(directory, 0o700);
    await checkOwner(directory, uid);
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
    const file = await open(join(directory, FILE), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      const position = await readPosition(file);
      const end = await endOfRecords(file, position);
      await file.truncate(end);
      return new RelayQueue(file, position, end);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get isEmpty(): boolean {
    return this.position === this.end;
  }

  /** Calls back after each `add`. */
  onAdded(listener: () => void): void {
    this.#onAdded = listener;
  }

  /** Resolves when the events are in the file. Calls that wait share one write. */
  add(time: number, events: readonly Buffer[]): Promise<void> {
    for (const data of events) this.#waiting.push(encodeRecord(time, data));
    this.#write ??= this.#then(async () => {
      const records = Buffer.concat(this.#waiting);
      this.#waiting = [];
      this.#write = undefined;
      await writeAll(this.file, records, this.end);
      this.end += records.length;
      this.#onAdded();
    });
    return this.#write;
  }

  /** The oldest event; undefined for an empty queue. */
  oldest(): Promise<QueuedEvent | undefined> {
    return this.#then(async () => {
      if (this.isEmpty) return undefined;
      const record = await readRecord(this.file, this.position, this.end);
      const event = record && decodeRecord(record);
      if (event === undefined) return { time: 0, data: undefined, end: this.end };
      return { ...event, end: this.position + RECORD_HEADER_BYTES + event.data.length };
    });
  }

  /** Removes events up to where a record ends. */
  remove(end: number): Promise<void> {
    return this.#then(async () => {
      this.position = end;
      if (this.isEmpty) this.position = await this.#empty();
      else if (end >= COMPACT_BYTES && end > this.end - end + FILE_HEADER_BYTES)
        await this.#compact();
      await writeAll(this.file, encodePosition(this.position), POSITION_AT);
    });
  }

  async close(): Promise<void> {
    await this.#lastStep.catch(() => {});
    await this.file.close();
  }

  async #empty(): Promise<number> {
    await this.file.truncate(FILE_HEADER_BYTES);
    this.end = FILE_HEADER_BYTES;
    return FILE_HEADER_BYTES;
  }

  /**
   * Moves the records to the beginning of the file. They do not overlap with where they were, so a
   * crash before the position is written leaves the queue as it was.
   */
  async #compact(): Promise<void> {
    const { position, end } = this;
    for (let at = position; at < end; at += COPY_BYTES) {
      const block = await readBytes(this.file, at, Math.min(COPY_BYTES, end - at));
      await writeAll(this.file, block, FILE_HEADER_BYTES + at - position);
    }
    await writeAll(this.file, encodePosition(FILE_HEADER_BYTES), POSITION_AT);
    this.position = FILE_HEADER_BYTES;
    this.end = FILE_HEADER_BYTES + end - position;
    await this.file.truncate(this.end);
  }

  #then<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#lastStep.then(step, step);
    this.#lastStep = result;
    return result;
  }
}

/** Writes the header of a new or an empty file. Throws for a file of another kind. */
async function readPosition(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  if (size < FILE_HEADER_BYTES) {
    await makeEmpty(file);
    return FILE_HEADER_BYTES;
  }
  const header = await readBytes(file, 0, FILE_HEADER_BYTES);
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new Error(`its file "${FILE}" is not a queue of the relay`);
  }
  const position = Number(header.readBigUInt64BE(POSITION_AT));
  if (position <= size) return position;
  // A crash came after all events were removed, and before that was noted.
  await makeEmpty(file);
  return FILE_HEADER_BYTES;
}

async function makeEmpty(file: FileHandle): Promise<void> {
  await file.truncate(0);
  await writeAll(file, Buffer.concat([MAGIC, encodePosition(FILE_HEADER_BYTES)]), 0);
}

/** The end of the last whole record. */
async function endOfRecords(file: FileHandle, position: number): Promise<number> {
  const { size } = await file.stat();
  for (let at = position; ;) {
    const record = await readRecord(file, at, size);
    if (record === undefined || decodeRecord(record) === undefined) return at;
    at += record.length;
  }
}

async function readRecord(file: FileHandle, at: number, end: number): Promise<Buffer | undefined> {
  if (end - at < RECORD_HEADER_BYTES) return undefined;
  const length = recordLength(await readBytes(file, at, RECORD_HEADER_BYTES));
  return length > end - at ? undefined : readBytes(file, at, length);
}

async function readBytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const left = bytes.length - written;
    written += (await file.write(bytes, written, left, at + written)).bytesWritten;
  }
}

/**
 * Another user who may change the directory would decide what containerd gets from this process. An
 * unknown user id means a system without them.
 */
async function checkOwner(directory: string, uid: number | undefined): Promise<void> {
  const { uid: owner, mode } = await stat(directory);
  if (uid !== undefined && owner !== uid && owner !== 0) {
    const problem = `it belongs to user ${owner} and this process runs as user ${uid}`;
    throw new Error(`${problem}: run it as the owner, or change the owner`);
  }
  if ((mode & constants.S_IWOTH) !== 0) {
    throw new Error('every user may write to it: take that right away');
  }
}
