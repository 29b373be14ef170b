import { reasonOf } from './commit-error.js';
import { FileRoom } from './file-room.js';
import type { Tables } from './tables.js';

/** Commits to the tables, one after the other, each after a look whether the disk has room for it. */
export class TableWriter {
  readonly #room: FileRoom;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    directory: string,
    private readonly root: Tables['root'],
  ) {
    this.#room = new FileRoom(directory, root);
  }

  /**
   * Puts all that `put` does into one commit, which takes so many pages at most. `put` must not throw: lmdb would commit what was put
   * before. Resolves when it is flushed; rejects with why it is not.
   */
  commit(pages: () => number, put: () => void): Promise<void> {
    const committed = this.#last.then(async () => {
      try {
        this.#room.ensure(pages);
        await this.root.batch(put);
      } catch (error) {
        throw await reasonOf(error);
      }
    });
    this.#last = committed.catch(() => undefined);
    return committed;
  }

  /** After what is under way. */
  async close(): Promise<void> {
    await this.#last;
    this.#room.close();
  }
}
