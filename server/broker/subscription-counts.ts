import type { Stop } from '../history/store.js';

/** Counts the open subscriptions, of all callers and of each by its name. */
export class SubscriptionCounts {
  #total = 0;
  readonly #byName = new Map<string, number>();

  get total(): number {
    return this.#total;
  }

  of(name: string): number {
    return this.#byName.get(name) ?? 0;
  }

  /** Counts a subscription of a caller until the returned function is called. */
  add(name: string): Stop {
    this.#change(name, 1);
    return () => {
      this.#change(name, -1);
    };
  }

  #change(name: string, by: 1 | -1): void {
    this.#total += by;
    const count = this.of(name) + by;
    if (count === 0) this.#byName.delete(name);
    else this.#byName.set(name, count);
  }
}
