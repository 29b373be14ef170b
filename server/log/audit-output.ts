import { write } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FoghornError } from '../../protocol/errors.js';

/** Only the broker's user may read who did what. */
const FILE_MODE = 0o600;
const STDOUT = 1;
/** Pause before another attempt to write to a pipe that is full, in milliseconds. */
const FULL_PIPE_MS = 50;
/** Lines that wait for a slow disk, in UTF-16 units; further ones are lost. */
const MAX_WAITING = 4 * 1024 * 1024;

const writeTo = promisify(write);

/** Appends text to its destination. Rejects where that fails. */
type WriteText = (text: string) => Promise<void>;

/**
 * Writes the lines of an audit to a file or to stdout, without making the broker wait. A file is
 * opened for each write, so that it can be renamed at any time, as logrotate does.
 */
export class AuditOutput {
  #waiting: string[] = [];
  #length = 0;
  #writing: Promise<void> | undefined;
  #lost = 0;
  #hasFailed = false;

  private constructor(
    private readonly append: WriteText,
    private readonly report: (problem: string) => void,
  ) {}

  /**
   * Throws FAILED_PRECONDITION for a file that cannot be written.
   *
   * @param target path of the file, or `-` for stdout
   * @param report takes a sentence when lines begin to be lost
   */
  static async open(target: string, report: (problem: string) => void): Promise<AuditOutput> {
    const append = target === '-' ? toStdout() : toFile(target);
    try {
      await append('');
    } catch (error) {
      const problem = `cannot write the audit to ${target}: ${(error as Error).message}`;
      throw new FoghornError('FAILED_PRECONDITION', problem, { cause: error });
    }
    return new AuditOutput(append, report);
  }

  /** Lines that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line with its end. Bound. */
  readonly write = (line: string): void => {
    if (this.#length + line.length > MAX_WAITING) {
      this.#lose(1, 'the disk is too slow');
      return;
    }
    this.#waiting.push(line);
    this.#length += line.length;
    this.#writing ??= this.#writeAll();
  };

  /** Resolves when all lines are written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#length = 0;
      try {
        // A failed write may have left a part of a line.
        await this.append((this.#hasFailed ? '\n' : '') + lines.join(''));
        this.#hasFailed = false;
      } catch (error) {
        this.#lose(lines.length, (error as Error).message);
      }
    }
    this.#writing = undefined;
  }

  #lose(lines: number, reason: string): void {
    this.#lost += lines;
    if (!this.#hasFailed) this.report(`audit: lines are lost: ${reason}`);
    this.#hasFailed = true;
  }
}

function toFile(path: string): WriteText {
  return (text) => appendFile(path, text, { mode: FILE_MODE });
}

/** Writes to the descriptor itself, because a stream would queue without limit, and fail later. */
function toStdout(): WriteText {
  return async (text) => {
    let left = Buffer.from(text);
    while (left.length > 0) {
      try {
        const { bytesWritten } = await writeTo(STDOUT, left);
        left = left.subarray(bytesWritten);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        await delay(FULL_PIPE_MS);
      }
    }
  };
}
