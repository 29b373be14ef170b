import type { Retention } from '../../store.js';
import type { ObservedTimes } from '../../observed-times.js';
import { isOver } from '../../trim-point.js';
import { decodeEntry, entrySizeOf, type StoredRow } from './row.js';
import { rowsByOffset } from './rows-by-offset.js';
import { rowCount, type Tables } from './tables.js';

/** Key in the table meta of the number of bytes. */
const BYTES_KEY = 'exits-bytes';
/** Most rows and bytes examined in one iteration of the event loop. */
const SLICE_ENTRIES = 500;
const SLICE_BYTES = 512 * 1024;
/** Most bytes that one step removes, so that it stays short. */
const STEP_BYTES = 4 * 1024 * 1024;

/** A row that is added to the kept lasting entries or removed from them. */
interface LastingRow {
  readonly offset: number;
  readonly row: Buffer;
}

/** The oldest kept lasting entry; its time is undefined when it is damaged. */
interface OldestLasting {
  readonly offset: number;
  readonly storedAt: bigint | undefined;
}

/**
 * The lasting entries kept from before the first entry, in the table exits. The oldest one is the
 * first to go. It is remembered, so no value is read as long as nothing has to go.
 */
export class LastingEntries {
  #count: number;
  /** Undefined until they are counted. */
  #bytes: number | undefined;
  #oldest: OldestLasting | undefined;

  constructor(
    private readonly tables: Pick<Tables, 'exits' | 'meta'>,
    private readonly times: ObservedTimes,
  ) {
    this.#count = rowCount(tables.exits);
    const bytes = tables.meta.get(BYTES_KEY);
    this.#bytes = this.#count === 0 ? 0 : bytes === undefined ? undefined : Number(bytes);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts the bytes once in a store of an earlier version, over several iterations of the event
   * loop. Must be called before the other methods, and no row may change meanwhile.
   *
   * @param check called after each iteration; may throw
   */
  async prepare(check: () => void): Promise<void> {
    if (this.#bytes !== undefined) return;
    let bytes = 0;
    for (let start: number | undefined = 0; start !== undefined;) {
      const slice: Slice = this.#slice(start);
      bytes += slice.bytes;
      start = slice.next;
      await new Promise(setImmediate);
      check();
    }
    this.#bytes = bytes;
  }

  #slice(start: number): Slice {
    let bytes = 0;
    let rows = 0;
    for (const { key, value } of rowsByOffset(this.tables.exits, { start })) {
      if (Number.isNaN(key)) continue;
      if (rows >= SLICE_ENTRIES || bytes >= SLICE_BYTES) return { bytes, next: key };
      rows += 1;
      bytes += entrySizeOf(value);
    }
    return { bytes, next: undefined };
  }

  /** Whether some have to go. */
  exceeds({ lastingAge, lastingBytes }: Retention, now: bigint): boolean {
    if (lastingBytes !== undefined && this.#knownBytes > lastingBytes) return true;
    return lastingAge !== undefined && this.#isOldestOver(lastingAge, now);
  }

  /** The oldest rows that have to go, at most `limit`. */
  excess(retention: Retention, now: bigint, limit: number): StoredRow[] {
    const excess: StoredRow[] = [];
    if (!this.exceeds(retention, now)) return excess;
    const { lastingAge, lastingBytes = Infinity } = retention;
    let bytes = this.#knownBytes;
    const enough = bytes - STEP_BYTES;
    for (const row of rowsByOffset(this.tables.exits, { limit })) {
      if (Number.isNaN(row.key)) continue;
      const isTooMuch = bytes > lastingBytes;
      if (!isTooMuch && !this.#isExpired(row, lastingAge, now)) break;
      excess.push(row);
      bytes -= entrySizeOf(row.value);
      if (bytes <= enough) break;
    }
    return excess;
  }

  /** Adds and removes rows. Must be called in a batch; does not throw. */
  put(added: readonly LastingRow[], removed: readonly LastingRow[]): void {
    if (added.length === 0 && removed.length === 0) return;
    let bytes = this.#knownBytes;
    for (const { offset, row } of added) {
      void this.tables.exits.put(offset, row);
      bytes += entrySizeOf(row);
    }
    for (const { offset, row } of removed) {
      void this.tables.exits.remove(offset);
      bytes -= entrySizeOf(row);
    }
    void this.tables.meta.put(BYTES_KEY, String(bytes));
    this.#bytes = bytes;
    this.#count += added.length - removed.length;
  }

  get #knownBytes(): number {
    return this.#bytes ?? 0;
  }

  /** Reads the oldest entry once. A damaged one counts as expired. */
  #isOldestOver(lastingAge: bigint, now: bigint): boolean {
    const [offset] = this.tables.exits.getKeys({ limit: 1 });
    if (offset === undefined) return false;
    if (this.#oldest?.offset !== offset) {
      const value = this.tables.exits.get(offset) ?? Buffer.alloc(0);
      this.#oldest = { offset, storedAt: decodeEntry(offset, value)?.storedAt };
    }
    const { storedAt } = this.#oldest;
    if (storedAt === undefined) return true;
    return isOver(lastingAge, this.times.timeOf(offset, storedAt, now), now);
  }

  #isExpired({ key, value }: StoredRow, lastingAge: bigint | undefined, now: bigint): boolean {
    if (lastingAge === undefined) return false;
    const entry = decodeEntry(key, value);
    if (entry === undefined) return true;
    return isOver(lastingAge, this.times.timeOf(key, entry.storedAt, now), now);
  }
}

interface Slice {
  readonly bytes: number;
  /** Offset of the next row; undefined after the last one. */
  readonly next: number | undefined;
}
