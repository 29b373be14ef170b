import { commitCause } from '../guard/io-error.js';
import { DataFileSpace } from '../guard/data-file-space.js';
import type { Tables } from './tables.js';

/** Commits to the tables one after the other, each after reserving disk space for it. */
export class TableWriter {
  readonly #space: DataFileSpace;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    directory: string,
    private readonly root: Tables['root'],
  ) {
    this.#space = new DataFileSpace(directory, root);
  }

  /**
   * Puts slices into the tables, in order, each one whole in one transaction and in one iteration
   * of the event loop. Resolves when all are flushed; rejects with the cause when one is not.
   *
   * @param pages the most pages that all of them may take
   * @param put must not throw, because lmdb would commit what it has put before
   */
  commit<Slice>(
    pages: () => number,
    slices: Iterable<Slice>,
    put: (slice: Slice) => void,
  ): Promise<void> {
    const committed = this.#last.then(async () => {
      try {
        this.#space.reserve(pages);
        await this.#putAll(slices, put);
      } catch (error) {
        throw await commitCause(error);
      }
    });
    this.#last = committed.catch(() => undefined);
    return committed;
  }

  async #putAll<Slice>(slices: Iterable<Slice>, put: (slice: Slice) => void): Promise<void> {
    const batches: Promise<unknown>[] = [];
    const failures: unknown[] = [];
    for (const slice of slices) {
      if (batches.length > 0) await new Promise(setImmediate);
      // Slices after a failed one would leave a hole.
      if (failures.length > 0) break;
      const batch = this.root.batch(() => {
        put(slice);
      });
      batch.catch((error: unknown) => failures.push(error));
      batches.push(batch);
    }
    await Promise.all(batches);
  }

  /** Resolves once the commit under way has ended. */
  async close(): Promise<void> {
    await this.#last;
    this.#space.close();
  }
}
