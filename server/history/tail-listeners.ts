import type { Entry, Stop } from './store.js';

/** The listeners of a store's tail. */
export class TailListeners {
  readonly #listeners = new Set<(entries: readonly Entry[]) => void>();

  add(listener: (entries: readonly Entry[]) => void): Stop {
    // A new function, so that adding a listener twice gives two independent stops.
    const own = (entries: readonly Entry[]): void => {
      listener(entries);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  dispatch(entries: readonly Entry[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(entries);
      } catch (error) {
        // The entries are stored: the error must not reach their publisher or other listeners.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
