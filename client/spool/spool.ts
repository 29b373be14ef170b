import { FoghornError } from '../../protocol/errors.js';
import { SpoolFileSpace } from './spool-file-space.js';
import { openSpoolTables } from './spool-tables.js';
import type { SpoolTables } from './spool-tables.js';

const MEBIBYTE = 1024 * 1024;
const DEFAULT_MAX_BYTES = 64 * MEBIBYTE;

export interface SpoolOptions {
  /** Created if it is missing. */
  readonly directory: string;
  /** Limit of the total size of waiting envelopes; 64 MiB unless given. */
  readonly maxBytes?: number | undefined;
}

/** An event that waits in the spool. */
export interface SpooledEvent {
  /** Number in the order of the spool: later events have larger ones, and none is reused. */
  readonly number: number;
  /** An encoded containerd.types.Envelope. */
  readonly envelope: Uint8Array;
}

/** How much waits in a spool. */
export interface SpoolContents {
  readonly entries: number;
  /** Total size of their envelopes. */
  readonly bytes: number;
  /** The encoded containerd.types.Envelope that waits longest; undefined if none waits. */
  readonly oldest: Uint8Array | undefined;
}

/**
 * Events on disk that wait for the broker, in order. Several processes may share a spool: each call
 * is one short transaction. LMDB allows one at a time over all processes, and undoes that of a
 * process that dies.
 */
export class Spool {
  private constructor(
    private readonly tables: SpoolTables,
    private readonly space: SpoolFileSpace,
    private readonly directory: string,
    private readonly maxBytes: number,
  ) {}

  /**
   * @throws FoghornError FAILED_PRECONDITION when the directory cannot be used; the text says what
   * to do.
   */
  static async open({ directory, maxBytes = DEFAULT_MAX_BYTES }: SpoolOptions): Promise<Spool> {
    const tables = await openSpoolTables(directory);
    return new Spool(tables, new SpoolFileSpace(directory, tables.root), directory, maxBytes);
  }

  /**
   * Adds envelopes at the end, in this order, and flushes them to disk. Returns the number of each,
   * or RESOURCE_EXHAUSTED for one that exceeds the limit.
   *
   * @throws FoghornError RESOURCE_EXHAUSTED when the disk is full; then none was added.
   */
  push(envelopes: readonly Uint8Array[]): (number | FoghornError)[] {
    return this.#write(() => {
      this.space.ensure(envelopes.map(({ length }) => length));
      const { events } = this.tables;
      let { next, bytes } = this.#totals();
      const numbers = envelopes.map((envelope) => {
        if (bytes + envelope.length > this.maxBytes) return this.#full(bytes);
        events.putSync(next, asBuffer(envelope));
        bytes += envelope.length;
        return next++;
      });
      this.#setTotals({ next, bytes });
      return numbers;
    });
  }

  /**
   * Adds all envelopes at the end, in this order, or none of them, and flushes them to disk.
   *
   * @throws FoghornError RESOURCE_EXHAUSTED when they exceed the limit or the disk is full.
   */
  pushAll(envelopes: readonly Uint8Array[]): void {
    this.#write(() => {
      this.space.ensure(envelopes.map(({ length }) => length));
      const { events } = this.tables;
      let { next, bytes } = this.#totals();
      for (const envelope of envelopes) {
        bytes += envelope.length;
        if (bytes > this.maxBytes) throw this.#full(bytes - envelope.length);
        events.putSync(next++, asBuffer(envelope));
      }
      this.#setTotals({ next, bytes });
    });
  }

  /** Returns the first waiting events within the limits, and at least one if any waits. */
  head(maxEvents: number, maxBytes: number): SpooledEvent[] {
    const { root, events } = this.tables;
    // Gets a new view, which has the changes of other processes.
    root.resetReadTxn();
    const head: SpooledEvent[] = [];
    let bytes = 0;
    for (const { key, value } of events.getRange({ limit: maxEvents })) {
      bytes += value.length;
      if (head.length > 0 && bytes > maxBytes) break;
      head.push({ number: key, envelope: value });
    }
    // Releases the view, which would keep freed pages from being reused.
    root.resetReadTxn();
    return head;
  }

  /** Returns how much waits, with the changes of other processes. */
  contents(): SpoolContents {
    const { root, events } = this.tables;
    root.resetReadTxn();
    const { entryCount } = events.getStats() as { readonly entryCount: number };
    const { bytes } = this.#totals();
    root.resetReadTxn();
    const [oldest] = this.head(1, 1);
    return { entries: entryCount, bytes, oldest: oldest?.envelope };
  }

  /**
   * Removes events. Ignores those that another process has removed.
   *
   * @throws FoghornError RESOURCE_EXHAUSTED when the disk is full; then none was removed.
   */
  remove(numbers: readonly number[]): void {
    this.#write(() => {
      const { events } = this.tables;
      const { next, bytes: before } = this.#totals();
      let bytes = before;
      for (const number of numbers) {
        const envelope = events.get(number);
        if (envelope === undefined) continue;
        events.removeSync(number);
        bytes -= envelope.length;
      }
      this.#setTotals({ next, bytes });
    });
  }

  async close(): Promise<void> {
    this.space.close();
    await this.tables.root.close();
  }

  #totals(): Totals {
    const { meta } = this.tables;
    return { next: meta.get('next') ?? 1, bytes: meta.get('bytes') ?? 0 };
  }

  #setTotals({ next, bytes }: Totals): void {
    const { meta } = this.tables;
    meta.putSync('next', next);
    meta.putSync('bytes', bytes);
  }

  #full(bytes: number): FoghornError {
    return new FoghornError(
      'RESOURCE_EXHAUSTED',
      `the spool in ${this.directory} is full: ${bytes} bytes wait for the broker, the limit is ${this.maxBytes}`,
    );
  }

  /** Runs a transaction: flushed when it returns, undone when it throws. */
  #write<T>(change: () => T): T {
    try {
      return this.tables.root.transactionSync(change);
    } catch (error) {
      if (error instanceof FoghornError) throw error;
      throw writeError(error as Error, this.directory);
    }
  }
}

interface Totals {
  readonly next: number;
  readonly bytes: number;
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function writeError(cause: Error & { code?: string | number }, directory: string): FoghornError {
  // From the file system, or from LMDB, which reports a short write as EIO (5) and a full disk as
  // ENOSPC (28).
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 5, 28].includes(cause.code ?? '');
  return new FoghornError(
    full ? 'RESOURCE_EXHAUSTED' : 'INTERNAL',
    full
      ? `no space left for the spool in ${directory}, or its disk fails (${cause.message})`
      : `the spool in ${directory} cannot be written to: ${cause.message}`,
    { cause },
  );
}
