/** A block that grows beyond this many items is split. */
const MAX_BLOCK = 512;

/**
 * Distinct items in order. Adding and deleting take logarithmic time and move a block's items at
 * most, because a sorted array of 100,000 would be moved as a whole.
 */
export class SortedList<Item> {
  /** None is empty. */
  readonly #blocks: Item[][] = [];

  /** @param compare negative when the first item comes before the second, 0 for the same item */
  constructor(private readonly compare: (one: Item, other: Item) => number) {}

  /** Adds an item that is not in the list. */
  add(item: Item): void {
    const at = Math.min(this.#blockOf(item), Math.max(this.#blocks.length - 1, 0));
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([item]);
      return;
    }
    block.splice(this.#indexIn(block, item), 0, item);
    if (block.length > MAX_BLOCK) this.#blocks.splice(at + 1, 0, block.splice(MAX_BLOCK / 2));
  }

  delete(item: Item): void {
    const at = this.#blockOf(item);
    const block = this.#blocks[at];
    if (block === undefined) return;
    const index = this.#indexIn(block, item);
    const found = block[index];
    if (found === undefined || this.compare(found, item) !== 0) return;
    block.splice(index, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  /** The items from this one on, or from where it would be. */
  *from(item: Item): Iterable<Item> {
    const at = this.#blockOf(item);
    for (const [i, block] of this.#blocks.slice(at).entries()) {
      yield* i === 0 ? block.slice(this.#indexIn(block, item)) : block;
    }
  }

  /** A copy of all items. */
  toArray(): Item[] {
    return this.#blocks.flat();
  }

  /** Index of the first block that does not end before the item. */
  #blockOf(item: Item): number {
    return firstIndex(this.#blocks.length, (i) => {
      const last = this.#blocks[i]?.at(-1);
      return last !== undefined && this.compare(last, item) >= 0;
    });
  }

  /** Index of the first item of a block that does not come before this one. */
  #indexIn(block: readonly Item[], item: Item): number {
    return firstIndex(block.length, (i) => {
      const other = block[i];
      return other !== undefined && this.compare(other, item) >= 0;
    });
  }
}

/**
 * The first of `length` indices that passes a test which all after it pass too; `length` if none.
 */
function firstIndex(length: number, passes: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
