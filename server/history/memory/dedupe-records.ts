import { Duplicates, isWithin, type Place } from '../duplicates.js';
import type { DedupeWindow } from '../store.js';

const FEW = 1024;

/** Where the envelopes with a dedupe key are, from the oldest on. */
export class DedupeRecords {
  readonly #places = new Map<string, Place>();
  #sweepAt = FEW;

  constructor(private readonly window: DedupeWindow) {}

  duplicates(now: bigint): Duplicates {
    return new Duplicates(this.window, now, (key) => this.#places.get(key));
  }

  add(added: ReadonlyMap<string, Place>, last: number, now: bigint): void {
    for (const [key, place] of added) {
      // Set anew, so that the order stays that of the offsets.
      this.#places.delete(key);
      this.#places.set(key, place);
    }
    if (this.#places.size >= this.#sweepAt) this.#sweep(last, now);
  }

  /** Only now and then: what is removed from a map's beginning makes each later look there slower. */
  #sweep(last: number, now: bigint): void {
    for (const [key, place] of this.#places) {
      if (isWithin(this.window, place, last, now)) break;
      this.#places.delete(key);
    }
    this.#sweepAt = Math.max(FEW, this.#places.size * 2);
  }
}
