import { commitCause } from '../guard/io-error.js';
import { DataFileSpace } from '../guard/data-file-space.js';
import type { Tables } from './tables.js';

/** Commits to the tables, one after the other, each after a look whether the disk has room for it. */
export class TableWriter {
  readonly #room: DataFileSpace;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    directory: string,
    private readonly root: Tables['root'],
  ) {
    this.#room = new DataFileSpace(directory, root);
  }

  /**
   * Puts all parts into the tables, in order and in turns of the event loop, each part whole in one commit. Resolves when all of it is
   * flushed; rejects with why it is not.
   *
   * @param pages how many they take at most
   * @param put must not throw: lmdb would commit what was put before
   */
  commit<Part>(
    pages: () => number,
    parts: Iterable<Part>,
    put: (part: Part) => void,
  ): Promise<void> {
    const committed = this.#last.then(async () => {
      try {
        this.#room.reserve(pages);
        await this.#putAll(parts, put);
      } catch (error) {
        throw await commitCause(error);
      }
    });
    this.#last = committed.catch(() => undefined);
    return committed;
  }

  async #putAll<Part>(parts: Iterable<Part>, put: (part: Part) => void): Promise<void> {
    const batches: Promise<unknown>[] = [];
    const failures: unknown[] = [];
    for (const part of parts) {
      if (batches.length > 0) await new Promise(setImmediate);
      // What comes after it would leave a hole.
      if (failures.length > 0) break;
      const batch = this.root.batch(() => {
        put(part);
      });
      batch.catch((error: unknown) => failures.push(error));
      batches.push(batch);
    }
    await Promise.all(batches);
  }

  /** After what is under way. */
  async close(): Promise<void> {
    await this.#last;
    this.#room.close();
  }
}
