import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nanosFromTimestamp, timestampFromNanos } from '../client/index.js';
import { FoghornError } from '../protocol/errors.js';
import { makeDirectories } from '../protocol/make-directories.js';
import { formatRfc3339, parseRfc3339 } from '../protocol/rfc3339.js';

/** Milliseconds between two writes of the file. */
const SAVE_INTERVAL_MS = 1000;

/** Times are nanoseconds since 1970; undefined if nothing was ever recorded. */
interface Progress {
  /** Everything up to this time is stored or reported as missing, by the recorder's clock. */
  readonly followedUntil: bigint | undefined;
  /** Time of the newest stored event, by its daemon's clock. */
  readonly lastEvent: bigint | undefined;
}

/**
 * The progress of a recorder. With a file it survives the recorder; the file is replaced as a
 * whole, at most about once a second.
 */
export class RecordingState implements Progress {
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when no write is under way: two at once would share a file. */
  #written: Promise<void> = Promise.resolve();
  #saved: Progress | undefined;

  private constructor(
    private readonly file: string | undefined,
    private readonly say: (text: string) => void,
    private progress: Progress,
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
    return new RecordingState(
      file,
      say,
      (file === undefined ? undefined : await load(file)) ?? NONE,
    );
  }

  get followedUntil(): bigint | undefined {
    return this.progress.followedUntil;
  }

  get lastEvent(): bigint | undefined {
    return this.progress.lastEvent;
  }

  /** Advances to a later time; ignores an earlier one. */
  advance(nanos: bigint): void {
    const { followedUntil, lastEvent } = this.progress;
    if (followedUntil !== undefined && nanos <= followedUntil) return;
    this.#change({ followedUntil: nanos, lastEvent });
  }

  /**
   * Moves to the time of an event, which may be earlier: its daemon's clock may have been stepped
   * back.
   */
  moveTo(eventTime: bigint): void {
    this.#change({ followedUntil: eventTime, lastEvent: eventTime });
  }

  #change(progress: Progress): void {
    this.progress = progress;
    if (this.file !== undefined && this.#timer === undefined) this.#saveAndPause();
  }

  /**
   * Saves at once, so that a recorder that is killed right after its start leaves a file, and then
   * not again within the interval.
   */
  #saveAndPause(): void {
    const saving = this.#save().catch((error: unknown) => {
      this.say(`cannot write the state: ${(error as Error).message}`);
    });
    this.#timer = setTimeout(() => {
      void saving.then(() => {
        this.#timer = undefined;
        if (this.#saved !== this.progress) this.#saveAndPause();
      });
    }, SAVE_INTERVAL_MS);
  }

  /** Writes the latest state. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#save();
  }

  #save(): Promise<void> {
    const written = this.#written.then(() => this.#write());
    this.#written = written.catch(() => undefined);
    return written;
  }

  async #write(): Promise<void> {
    if (this.file === undefined || this.progress === NONE) return;
    this.#saved = this.progress;
    try {
      makeDirectories(dirname(this.file));
      await writeFile(`${this.file}.new`, format(this.progress));
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

const NONE: Progress = { followedUntil: undefined, lastEvent: undefined };

const FORMAT = /^\{"followed_until":"([^"]*)"(?:,"last_event":"([^"]*)")?\}\s*$/;

function format({ followedUntil, lastEvent }: Progress): string {
  const members = { followed_until: timeText(followedUntil), last_event: timeText(lastEvent) };
  return `${JSON.stringify(members)}\n`;
}

function timeText(nanos: bigint | undefined): string | undefined {
  return nanos === undefined ? undefined : formatRfc3339(timestampFromNanos(nanos), 'nine');
}

async function load(file: string): Promise<Progress | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FoghornError('FAILED_PRECONDITION', `state ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const [, until = '', last] = FORMAT.exec(text) ?? [];
  const followedUntil = nanosIn(until);
  if (followedUntil !== undefined) {
    // Earlier versions kept only one time, which was that of an event.
    return { followedUntil, lastEvent: last === undefined ? followedUntil : nanosIn(last) };
  }
  throw new FoghornError(
    'FAILED_PRECONDITION',
    `state ${file}: expected {"followed_until":"<RFC 3339 time>"}; remove the file to start without a state`,
  );
}

function nanosIn(text: string): bigint | undefined {
  const time = parseRfc3339(text);
  return time && nanosFromTimestamp(time);
}
