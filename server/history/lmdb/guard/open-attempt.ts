import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'opening';
/** A process that has lived for this long is not ended by the opening. */
const SAFE_MS = 60_000;

/**
 * The attempt of this process to open a store. A file in the directory lasts as long as it, so that
 * a process finds out that attempts before have ended their process, as damage to LMDB's file does.
 */
export class OpenAttempt {
  #timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly path: string,
    /** The number of processes in a row that died while they opened the store, or soon after. */
    readonly deaths: number,
  ) {}

  /** Begins an attempt in a directory that exists. */
  static begin(directory: string): OpenAttempt {
    const path = join(directory, FILE);
    const deaths = deathsIn(path);
    try {
      writeFileSync(path, `${deaths}\n`, { mode: 0o600 });
    } catch {
      // The disk may be full or read-only, and the store says so if it has to.
    }
    return new OpenAttempt(path, deaths);
  }

  /** Ends it once the process has lived for a minute. */
  endLater(): void {
    this.#timer = setTimeout(() => {
      this.end();
    }, SAFE_MS).unref();
  }

  /** Ends it: the store is closed in good order, or was refused. */
  end(): void {
    clearTimeout(this.#timer);
    try {
      rmSync(this.path, { force: true });
    } catch {
      // The next process checks the store more than it has to.
    }
  }
}

function deathsIn(path: string): number {
  try {
    return 1 + (Number.parseInt(readFileSync(path, 'utf8'), 10) || 0);
  } catch {
    return 0;
  }
}
