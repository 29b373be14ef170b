import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nanosFromTimestamp, timestampFromNanos } from '../client/index.js';
import { FoghornError } from '../protocol/errors.js';
import { formatRfc3339, parseRfc3339 } from '../protocol/rfc3339.js';

/** Milliseconds between two writes of the file. */
const SAVE_INTERVAL_MS = 1000;

/**
 * The progress of a recorder: everything up to a time is stored or reported as missing. With a file
 * the state survives the recorder; the file is replaced as a whole, at most about once a second.
 */
export class RecordingState {
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #saved: bigint | undefined;

  private constructor(
    private readonly file: string | undefined,
    private readonly say: (text: string) => void,
    private until: bigint | undefined,
  ) {}

  /**
   * Loads the state from a file, or starts without one if there is no file.
   *
   * @throws FoghornError FAILED_PRECONDITION when the file cannot be read or holds something else.
   */
  static async open(
    file: string | undefined,
    say: (text: string) => void,
  ): Promise<RecordingState> {
    return new RecordingState(file, say, file === undefined ? undefined : await load(file));
  }

  /** Nanoseconds since 1970; undefined if nothing was ever recorded. */
  get followedUntil(): bigint | undefined {
    return this.until;
  }

  /** Advances to a later time; ignores an earlier one. */
  advance(nanos: bigint): void {
    if (this.until === undefined || nanos > this.until) this.moveTo(nanos);
  }

  /** Moves to a time, which may be earlier: the clock it comes from may have been stepped back. */
  moveTo(nanos: bigint): void {
    this.until = nanos;
    if (this.file !== undefined && this.#timer === undefined) this.#saveAndPause();
  }

  /**
   * Saves at once, so that a recorder that is killed right after its start leaves a file, and then
   * not again within the interval.
   */
  #saveAndPause(): void {
    this.#saving = this.#save().catch((error: unknown) => {
      this.say(`cannot write the state: ${(error as Error).message}`);
    });
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#saved !== this.until) this.#saveAndPause();
    }, SAVE_INTERVAL_MS);
  }

  /** Writes the latest state. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#saving;
    await this.#save();
  }

  async #save(): Promise<void> {
    if (this.file === undefined || this.until === undefined) return;
    this.#saved = this.until;
    const text = formatRfc3339(timestampFromNanos(this.until), 'nine');
    try {
      await mkdir(dirname(this.file), { recursive: true });
      await writeFile(`${this.file}.new`, JSON.stringify({ followed_until: text }) + '\n');
      await rename(`${this.file}.new`, this.file);
    } catch (error) {
      throw new FoghornError(
        'FAILED_PRECONDITION',
        `state ${this.file}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
}

async function load(file: string): Promise<bigint | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FoghornError('FAILED_PRECONDITION', `state ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const time = parseRfc3339(/^\{"followed_until":"([^"]*)"\}\s*$/.exec(text)?.[1] ?? '');
  if (time === undefined) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `state ${file}: expected {"followed_until":"<RFC 3339 time>"}; remove the file to start without a state`,
    );
  }
  return nanosFromTimestamp(time);
}
