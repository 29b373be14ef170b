import type { Original } from '../duplicates.js';
import type { DedupeTables } from './tables/dedupe-tables.js';
import type { WriteAheadLog } from './journal/write-ahead-log.js';

/** Finds entries by dedupe key, in the write-ahead log and in the tables. */
export class DedupeIndex {
  /**
   * Greatest key stored so far. Keys begin with a time, so most new ones are greater and need no
   * lookup.
   */
  #greatestKey: string;

  constructor(
    private readonly log: WriteAheadLog,
    private readonly tables: DedupeTables,
  ) {
    this.#greatestKey = tables.greatestKey();
    this.add(log.dedupeKeys());
  }

  /** The newest entry with a key, within the window or not. */
  find(key: string): Original | undefined {
    if (key > this.#greatestKey) return undefined;
    return this.log.original(key) ?? this.tables.find(key);
  }

  /** Must be called with the keys of entries once they are stored. */
  add(keys: Iterable<string>): void {
    for (const key of keys) if (key > this.#greatestKey) this.#greatestKey = key;
  }
}
