import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A write is answered when the disk has it: cheaper than a flush after it. Linux and what is like it; others have none. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC;
/** Zeros are written ahead in steps of this: a write that makes the file longer takes half as long again to flush. */
const PREALLOCATION = Buffer.alloc(256 * 1024);

/** A file that grows at its end and begins anew from time to time, without giving its room back. */
export class LogFile {
  /** Where the next write goes. */
  #end = 0;

  private constructor(
    private readonly handle: FileHandle,
    private size: number,
  ) {}

  static async open(path: string): Promise<LogFile> {
    const handle = await open(path, OPEN_FLAGS, 0o640);
    const { size } = await handle.stat();
    return new LogFile(handle, size);
  }

  /** All that is in it, whatever it may be. */
  async contents(): Promise<Buffer> {
    const bytes = Buffer.alloc(this.size);
    let read = 0;
    for (let got = 1; got > 0 && read < bytes.length; read += got) {
      ({ bytesRead: got } = await this.handle.read(bytes, read, bytes.length - read, read));
    }
    return bytes.subarray(0, read);
  }

  /** Resolves when they are flushed. Rejects with the file system's error; then nothing of them is left. */
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

  /** The next write goes there; what is behind it stays until it is written over. */
  continueAt(end: number): void {
    this.#end = end;
  }

  /** Empties it, and gives its room back to the disk. */
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
      // There may be room for what is to be written itself, which will tell.
      await this.#cut(size);
    }
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const left = bytes.length - written;
      const { bytesWritten } = await this.handle.write(bytes, written, left, position + written);
      written += bytesWritten;
    }
  }

  async #cut(size: number): Promise<void> {
    await this.handle.truncate(size);
    await this.handle.datasync();
    this.size = size;
  }
}
