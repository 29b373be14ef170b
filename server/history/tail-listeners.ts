import type { Entry, Stop } from './store.js';

/** Those who want to hear of new entries; every driver has one of these. */
export class TailListeners {
  readonly #listeners = new Set<(entries: readonly Entry[]) => void>();

  add(listener: (entries: readonly Entry[]) => void): Stop {
    // A fresh function, so that adding the same one twice gives two independent stops.
    const own = (entries: readonly Entry[]): void => {
      listener(entries);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  tell(entries: readonly Entry[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(entries);
      } catch (error) {
        // The entries are stored: neither their publisher nor the other listeners may suffer from this one.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
