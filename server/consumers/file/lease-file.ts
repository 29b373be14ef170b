import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { FoghornError } from '../../../protocol/errors.js';
import type { LeaseName } from '../consumer-store.js';
import { grantedLine, type LeaseLine, type LeaseLog } from '../lease-log.js';
import { decodeLines, encodeLine } from './lines.js';
import { writeAt } from './write-at.js';

/** A smaller file is not rewritten. */
const COMPACT_FROM_BYTES = 4 * 1024 * 1024;
/** The file is rewritten when it is this many times as large as after the last time. */
const GROWTH = 4;

/** The first line. */
interface LeaseFileHead {
  readonly boot: string;
}

/** The lines of a lease file; undefined if it may lack leases, as after a reboot. */
export async function readLeases(
  path: string,
  boot: string | undefined,
): Promise<readonly LeaseLine[] | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const [head, ...lines] = decodeLines(bytes).contents as [LeaseFileHead?, ...LeaseLine[]];
  return boot !== undefined && head?.boot === boot ? lines : undefined;
}

/**
 * The leases of all consumers, in a file that is written and never flushed. The system's cache
 * keeps it when the process is killed, and it counts for one boot of the machine alone.
 */
export class LeaseFile implements LeaseLog {
  #waiting: Buffer[] = [];
  #running: Promise<void> | undefined;
  #compactAt: number;

  private constructor(
    private readonly path: string,
    private readonly head: LeaseFileHead,
    private handle: FileHandle,
    private end: number,
    private readonly lasting: () => Iterable<LeaseLine>,
    private readonly warn: (text: string) => void,
  ) {
    this.#compactAt = Math.max(COMPACT_FROM_BYTES, GROWTH * end);
  }

  /**
   * Replaces the file by one with the leases that last. Returns undefined, and removes the file,
   * where that fails, as on a full disk: without it, more events are held back after a crash.
   *
   * @param boot changes with each boot of the machine
   * @param lasting makes the lines of the leases that last
   */
  static async open(
    path: string,
    boot: string,
    lasting: () => Iterable<LeaseLine>,
    warn: (text: string) => void,
  ): Promise<LeaseFile | undefined> {
    try {
      const { handle, end } = await replace(path, { boot }, lasting());
      return new LeaseFile(path, { boot }, handle, end, lasting, warn);
    } catch (error) {
      await rm(path, { force: true });
      warn(notStored(path, error));
      return undefined;
    }
  }

  /** Resolves once a kill of the process cannot lose the leases. */
  granted(
    name: string,
    generation: number,
    leases: readonly LeaseName[],
    until: number,
  ): Promise<void> {
    return this.#append(grantedLine(name, generation, leases, until));
  }

  freed(name: string, generation: number, leases: readonly LeaseName[]): void {
    const freed = leases.map(({ id, key }): [number, string] => [id, key]);
    // When it fails, the leases only last longer.
    this.#append({ name, generation, freed }).catch(() => undefined);
  }

  async close(isSuperfluous: boolean): Promise<void> {
    await this.#running?.catch(() => undefined);
    await this.handle.close();
    if (isSuperfluous) await rm(this.path, { force: true });
  }

  #append(line: LeaseLine): Promise<void> {
    this.#waiting.push(encodeLine(line));
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0));
    } catch (error) {
      this.#waiting = [];
      await this.#invalidate(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #write(lines: readonly Buffer[]): Promise<void> {
    const bytes = lines.length === 1 && lines[0] !== undefined ? lines[0] : Buffer.concat(lines);
    await writeAt(this.handle, bytes, this.end);
    this.end += bytes.length;
    if (this.end < this.#compactAt) return;
    const before = this.handle;
    ({ handle: this.handle, end: this.end } = await replace(this.path, this.head, this.lasting()));
    this.#compactAt = Math.max(COMPACT_FROM_BYTES, GROWTH * this.end);
    await before.close();
  }

  /** A file that may lack leases must not be used: without it, more events are held back. */
  async #invalidate(error: unknown): Promise<void> {
    try {
      await this.handle.truncate(0);
      this.end = 0;
      this.#compactAt = 0;
    } catch {
      const { message } = error as Error;
      throw new FoghornError('UNAVAILABLE', `leases could not be stored: ${message}`, {
        cause: error,
      });
    }
    this.warn(notStored(this.path, error));
  }
}

function notStored(path: string, error: unknown): string {
  return (
    `the leases could not be stored in ${path}: ${(error as Error).message}: after a crash, ` +
    'more events than necessary are held back'
  );
}

/** Writes a file beside another one, and puts it in its place. */
async function replace(
  path: string,
  head: LeaseFileHead,
  lines: Iterable<LeaseLine>,
): Promise<{ readonly handle: FileHandle; readonly end: number }> {
  const next = `${path}.new`;
  const handle = await open(next, 'w', 0o600);
  try {
    let end = 0;
    for (const line of [head, ...lines]) {
      const bytes = encodeLine(line);
      await writeAt(handle, bytes, end);
      end += bytes.length;
    }
    await rename(next, path);
    return { handle, end };
  } catch (error) {
    await handle.close();
    await rm(next, { force: true });
    throw error;
  }
}
