import { Duplicates, isWithin, type Original } from '../duplicates.js';
import type { DedupeWindow } from '../store.js';

/** Records are few until here: not worth looking for expired ones. */
const MIN_SWEEP_RECORDS = 1024;

/** Remembers the entries with a dedupe key, oldest first. */
export class DedupeRecords {
  readonly #originals = new Map<string, Original>();
  #sweepAt = MIN_SWEEP_RECORDS;

  constructor(private readonly window: DedupeWindow) {}

  duplicates(now: bigint): Duplicates {
    return new Duplicates(this.window, now, (key) => this.#originals.get(key));
  }

  add(added: ReadonlyMap<string, Original>, last: number, now: bigint): void {
    for (const [key, original] of added) {
      // Deleting first moves the key to the end, so the map stays in the order of offsets.
      this.#originals.delete(key);
      this.#originals.set(key, original);
    }
    if (this.#originals.size >= this.#sweepAt) this.#sweep(last, now);
  }

  /** Runs rarely: keys deleted at a map's beginning make each later iteration start slower. */
  #sweep(last: number, now: bigint): void {
    for (const [key, original] of this.#originals) {
      if (isWithin(this.window, original, last, now)) break;
      this.#originals.delete(key);
    }
    this.#sweepAt = Math.max(MIN_SWEEP_RECORDS, this.#originals.size * 2);
  }
}
