/** A list that grows at its end and shrinks at its beginning, in amortized constant time. */
export class Fifo<Item> {
  #items: Item[] = [];
  #removed = 0;

  get length(): number {
    return this.#items.length - this.#removed;
  }

  at(index: number): Item | undefined {
    return this.#items[this.#removed + index];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): void {
    this.#removed += 1;
    if (this.#removed * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#removed);
    this.#removed = 0;
  }
}
