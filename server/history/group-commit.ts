/** Enough to make the cost of a flush vanish, small enough that a commit stays short. */
const MAX_ITEMS = 8192;
const MAX_BYTES = 8 * 1024 * 1024;

interface Waiting<Item> {
  readonly items: readonly Item[];
  readonly resolve: (first: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets concurrent appends share commits: while one commit is being flushed, the next one fills up. Order is kept,
 * and the items of one call always go into the same commit, so they are stored together or not at all.
 */
export class GroupCommit<Item extends { readonly bytes: Uint8Array }> {
  #waiting: Waiting<Item>[] = [];
  #running: Promise<void> | undefined;

  /** `commit` stores the items and resolves with the first one's offset. It is never called twice at once. */
  constructor(private readonly commit: (items: readonly Item[]) => Promise<number>) {}

  add(items: readonly Item[]): Promise<number> {
    const added = new Promise<number>((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
    });
    this.#running ??= this.#run();
    return added;
  }

  /** Resolves when everything added so far is stored or has failed. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // The calls that arrive in this turn of the event loop go into the first commit together.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        let offset = await this.commit(group.flatMap(({ items }) => items));
        for (const { items, resolve } of group) {
          resolve(offset);
          offset += items.length;
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running = undefined;
  }

  #takeGroup(): Waiting<Item>[] {
    let items = 0;
    let bytes = 0;
    let taken = 0;
    while (taken < this.#waiting.length && items < MAX_ITEMS && bytes < MAX_BYTES) {
      for (const item of this.#waiting[taken]?.items ?? []) {
        items += 1;
        bytes += item.bytes.length;
      }
      taken += 1;
    }
    return this.#waiting.splice(0, taken);
  }
}
