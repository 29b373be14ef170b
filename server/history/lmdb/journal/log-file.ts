import { constants, write } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { OutOfTurnError } from '../../group-commit.js';

/** With O_DSYNC a write resolves once it is on the disk, which is cheaper than a flush after it. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC;
/** Zeros written ahead, because a write that extends the file takes 1.5 times as long to flush. */
const PREALLOCATION = Buffer.alloc(256 * 1024);

/** Appends that may be under way: with more, they are smaller and cost more than they gain. */
export const CONCURRENT_APPENDS = 2;

/** The outcome of appends before which nothing has failed. */
const SUCCEEDED = Promise.resolve(true);

/** A file of the log: written sequentially and then reused from the start at its full size. */
export class LogFile {
  /** Position of the next write. */
  #end = 0;
  /** Whether the newest append has succeeded, once it has ended. */
  #newest = SUCCEEDED;
  /** The writes that are under way. */
  readonly #writes = new Set<Promise<unknown>>();
  /** Whether bytes that must be cut off may follow the end. */
  #hasRemains = false;
  /** Whether an append has failed, and those begun after it have not ended yet. */
  #isFailing = false;

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

  /**
   * Resolves when the bytes are flushed, and those of all appends before. Several may be under way,
   * because their flushes take hardly longer together than one of them alone.
   *
   * Rejects with the file system's error, and removes the bytes. The appends that were begun after
   * a failed one reject with an `OutOfTurnError`, as does one that would have to extend the file
   * while others are under way.
   */
  append(bytes: Uint8Array): Promise<void> {
    const start = this.#end;
    const end = start + bytes.length;
    const mustBeAlone = end > this.size || this.#hasRemains;
    if (this.#isFailing || (mustBeAlone && this.#writes.size > 0)) {
      return Promise.reject(new OutOfTurnError('an append must wait for those before it'));
    }
    this.#end = end;
    const appended = this.#append(this.#writeFrom(start, bytes), start, this.#newest);
    this.#newest = appended.then(
      () => true,
      () => false,
    );
    return appended;
  }

  /** Resolves when all appends so far are flushed. Rejects as an append begun after them would. */
  async flushed(): Promise<void> {
    if (this.#isFailing || !(await this.#newest)) {
      throw new OutOfTurnError('the append before has failed');
    }
  }

  async #writeFrom(start: number, bytes: Uint8Array): Promise<void> {
    const end = start + bytes.length;
    if (this.#hasRemains) await this.cutRemains(start);
    if (end > this.size) await this.#extend(end);
    await this.#write(bytes, start);
    this.size = Math.max(this.size, end);
  }

  async #append(write: Promise<void>, start: number, before: Promise<boolean>): Promise<void> {
    this.#writes.add(write);
    const failure = await write.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.#writes.delete(write);
    if (!(await before)) throw new OutOfTurnError('the append before has failed');
    if (failure === undefined) return;
    await this.#takeBack(start);
    throw failure.error;
  }

  /** Removes a failed append, and those after it, which end meanwhile. */
  async #takeBack(start: number): Promise<void> {
    this.#isFailing = true;
    this.#hasRemains = true;
    await Promise.allSettled(this.#writes);
    this.#end = start;
    this.#newest = SUCCEEDED;
    try {
      await this.cutRemains();
    } finally {
      this.#isFailing = false;
    }
  }

  /**
   * Sets the position of the next write. Bytes after it stay until they are overwritten, unless
   * they are remains that `cutRemains` must remove.
   */
  continueAt(end: number, hasRemains = false): void {
    this.#end = end;
    this.#hasRemains ||= hasRemains;
  }

  /** Removes what follows the end, if it must not be found by a recovery. */
  async cutRemains(end = this.#end): Promise<void> {
    if (!this.#hasRemains) return;
    await this.#cut(end);
    this.#hasRemains = false;
  }

  /** Truncates the file to nothing. */
  async clear(): Promise<void> {
    await this.#cut(0);
    this.#end = 0;
    this.#hasRemains = false;
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
