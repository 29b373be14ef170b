import { statfs } from 'node:fs/promises';
import type { Logger } from 'pino';

/** Less free space is low. The alert rule FoghornDiskLow has the same limit. */
const LOW_SHARE = 0.1;

/** More free space ends that, so that a disk at the limit is not reported again and again. */
const ENOUGH_SHARE = 0.12;

const BYTES_PER_MB = 1e6;

/** The space of a disk in bytes. */
export interface DiskSpace {
  readonly free: number;
  readonly size: number;
}

/** Watches the free space of the embedded store's disk, and logs when it becomes low. */
export class DiskWatch {
  #timer: NodeJS.Timeout | undefined;
  #low: DiskSpace | undefined;

  /** @param directory undefined for a store that has none */
  constructor(
    private readonly directory: string | undefined,
    private readonly log: Logger,
  ) {}

  start(intervalMs: number): void {
    if (this.directory === undefined) return;
    void this.space();
    this.#timer = setInterval(() => void this.space(), intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A sentence while the space is low. */
  get warning(): string | undefined {
    return this.#low && `little space is left on the store's disk: ${textOf(this.#low)}`;
  }

  /** Reads the space now; undefined without a directory, or where it cannot be read. */
  async space(): Promise<DiskSpace | undefined> {
    if (this.directory === undefined) return undefined;
    try {
      const { bavail, blocks, bsize } = await statfs(this.directory);
      const space = { free: bavail * bsize, size: blocks * bsize };
      this.#note(space);
      return space;
    } catch {
      return undefined;
    }
  }

  #note(space: DiskSpace): void {
    const wasLow = this.#low !== undefined;
    const isLow = space.free < space.size * (wasLow ? ENOUGH_SHARE : LOW_SHARE);
    this.#low = isLow ? space : undefined;
    if (isLow === wasLow) return;
    const { free, size } = space;
    if (isLow) this.log.warn({ free, size }, `disk: ${this.warning}`);
    else this.log.info({ free, size }, `disk: there is space again: ${textOf(space)}`);
  }
}

function textOf({ free, size }: DiskSpace): string {
  return `${Math.round(free / BYTES_PER_MB)} MB of ${Math.round(size / BYTES_PER_MB)} MB`;
}
