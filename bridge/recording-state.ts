import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nanosFromTimestamp, timestampFromNanos } from '../client/index.js';
import { FoghornError } from '../protocol/errors.js';
import { formatRfc3339, parseRfc3339 } from '../protocol/rfc3339.js';

/** Milliseconds between two writes of the file. */
const SAVE_INTERVAL_MS = 1000;

/**
 * How far a bridge has come: everything up to a moment was stored or said to be missing. With a
 * file it survives the bridge; the file is replaced as a whole, at most about once a second.
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
   * Takes up the state in a file, or begins anew where there is none.
   *
   * @throws FoghornError FAILED_PRECONDITION when the file cannot be read or is no state of a bridge.
   */
  static async open(
    file: string | undefined,
    say: (text: string) => void,
  ): Promise<RecordingState> {
    return new RecordingState(file, say, file === undefined ? undefined : await load(file));
  }

  /** Nanoseconds since the Unix epoch; undefined when nothing was ever followed. */
  get followedUntil(): bigint | undefined {
    return this.until;
  }

  /** Goes on to a later moment; an earlier one changes nothing. */
  advance(nanos: bigint): void {
    if (this.until === undefined || nanos > this.until) this.moveTo(nanos);
  }

  /** Goes to a moment, which may be an earlier one, as after a step of whatever clock it comes from. */
  moveTo(nanos: bigint): void {
    this.until = nanos;
    if (this.file !== undefined && this.#timer === undefined) this.#saveAndPause();
  }

  /** At once, so that a bridge that is killed right after its start has a file; then not again for a while. */
  #saveAndPause(): void {
    this.#saving = this.#save().catch((error: unknown) => {
      this.say(`cannot write the state: ${(error as Error).message}`);
    });
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#saved !== this.until) this.#saveAndPause();
    }, SAVE_INTERVAL_MS);
  }

  /** Writes what is not written yet. */
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
      `state ${file}: expected {"followed_until":"<RFC 3339 time>"}; remove the file to begin anew`,
    );
  }
  return nanosFromTimestamp(time);
}
