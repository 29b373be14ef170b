import type { Place } from '../duplicates.js';
import type { DedupeTables } from './tables/dedupe-tables.js';
import type { WriteAheadLog } from './journal/write-ahead-log.js';

/** Finds where the first of equal envelopes is, in the journal or in the tables. */
export class DedupeIndex {
  /** No key is greater: most that come are, since they begin with the time, and need not be looked for. */
  #greatest: string;

  constructor(
    private readonly journal: WriteAheadLog,
    private readonly tables: DedupeTables,
  ) {
    this.#greatest = tables.greatestKey();
    this.add(journal.dedupeKeys());
  }

  /** Its place, within the window or not. */
  find(key: string): Place | undefined {
    if (key > this.#greatest) return undefined;
    return this.journal.place(key) ?? this.tables.find(key);
  }

  /** To be told the keys of what was stored. */
  add(keys: Iterable<string>): void {
    for (const key of keys) if (key > this.#greatest) this.#greatest = key;
  }
}
