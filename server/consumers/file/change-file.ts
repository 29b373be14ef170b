import { constants } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FoghornError } from '../../../protocol/errors.js';
import type { ChangeLog, LoggedChange } from '../local-store.js';
import { encodeChange } from './lines.js';
import { writeAt } from './write-at.js';

/** With O_DSYNC a write resolves once it is on the disk. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC;
/** A smaller log is not rewritten. */
const COMPACT_FROM_BYTES = 1024 * 1024;
/** The log is rewritten when it is this many times as large as after the last time. */
const GROWTH = 4;

interface WaitingChange {
  readonly line: Buffer;
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Makes the lines of a log that has nothing superfluous. */
export type Compaction = () => Iterable<LoggedChange>;

/**
 * A log of changes in one file. Changes that arrive while one write is flushed share the next. The
 * file is replaced by a compact one when it has grown, and when it is closed.
 */
export class ChangeFile implements ChangeLog {
  #waiting: WaitingChange[] = [];
  #running: Promise<void> | undefined;
  #compactAt = COMPACT_FROM_BYTES;
  /** Why the file cannot be used any more. */
  #failure: FoghornError | undefined;

  private constructor(
    private readonly path: string,
    private handle: FileHandle,
    private end: number,
    private readonly compaction: Record<'running' | 'closing', Compaction>,
  ) {}

  /** Opens the log for writing after `end` bytes, and cuts off what follows them. */
  static async open(
    path: string,
    end: number,
    compaction: Record<'running' | 'closing', Compaction>,
  ): Promise<ChangeFile> {
    const handle = await open(path, FLAGS, 0o600);
    await handle.truncate(end);
    await handle.sync();
    return new ChangeFile(path, handle, end, compaction);
  }

  append(change: LoggedChange, apply: () => void): Promise<void> {
    const line = encodeChange(change);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, apply, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<boolean> {
    await this.#running;
    let isCompact = false;
    if (this.#failure === undefined) {
      // Without space for it, the log stays as it is.
      isCompact = await this.#compact(this.compaction.closing).then(
        () => true,
        () => false,
      );
    }
    await this.handle.close();
    return isCompact;
  }

  async #run(): Promise<void> {
    // Changes of this iteration of the event loop share the first write.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      await this.#writeAll(this.#waiting.splice(0));
      if (this.end < this.#compactAt) continue;
      await this.#compact(this.compaction.running).catch(() => {
        this.#compactAt = 2 * this.end;
      });
    }
    this.#running = undefined;
  }

  async #writeAll(changes: readonly WaitingChange[]): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#write(Buffer.concat(changes.map(({ line }) => line)));
    } catch (error) {
      for (const { reject } of changes) reject(storeError(error));
      return;
    }
    for (const { apply, resolve } of changes) {
      apply();
      resolve();
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      await writeAt(this.handle, bytes, this.end);
    } catch (error) {
      await this.handle.truncate(this.end).catch(() => {
        this.#failure = storeError(error);
      });
      throw error;
    }
    this.end += bytes.length;
  }

  /** Replaces the file in one step, so that one of the two is always complete. */
  async #compact(lines: Compaction): Promise<void> {
    const next = `${this.path}.new`;
    const handle = await open(next, FLAGS | constants.O_TRUNC, 0o600);
    try {
      const bytes = Buffer.concat([...lines()].map(encodeChange));
      await writeAt(handle, bytes, 0);
      await rename(next, this.path);
      // From here on the old file has no name, whatever fails.
      const before = this.handle;
      this.handle = handle;
      this.end = bytes.length;
      this.#compactAt = Math.max(COMPACT_FROM_BYTES, GROWTH * bytes.length);
      await before.close();
      await flushDirectory(dirname(this.path));
    } catch (error) {
      if (this.handle !== handle) await handle.close();
      // A power cut could bring the old file back, without what is stored from now on.
      else this.#failure = storeError(error);
      throw error;
    }
  }
}

/** Makes a rename durable. */
async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function storeError(error: unknown): FoghornError {
  if (error instanceof FoghornError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new FoghornError(
    isFull ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE',
    `the consumers could not be stored: ${message}`,
    { cause: error },
  );
}
