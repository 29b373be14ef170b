interface Deadline<Item> {
  readonly time: number;
  readonly item: Item;
}

/** Items by their times, earliest first: a binary heap. An item may have several deadlines. */
export class Deadlines<Item> {
  readonly #heap: Deadline<Item>[] = [];

  /** The earliest time; Infinity if there is none. */
  get earliest(): number {
    return this.#heap[0]?.time ?? Infinity;
  }

  add(time: number, item: Item): void {
    const heap = this.#heap;
    let at = heap.length;
    const added = { time, item };
    heap.push(added);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || parent.time <= time) break;
      heap[at] = parent;
      heap[parentAt] = added;
      at = parentAt;
    }
  }

  /** Removes and returns an item whose time has come; undefined if there is none. */
  take(now: number): Item | undefined {
    const heap = this.#heap;
    const [first] = heap;
    if (first === undefined || first.time > now) return undefined;
    const last = heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.item;
  }

  /** Puts a deadline in place of the first one. */
  #sink(sinking: Deadline<Item>): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isOther = other !== undefined && other.time < one.time;
      const child = isOther ? other : one;
      if (child.time >= sinking.time) break;
      heap[at] = child;
      at = isOther ? left + 1 : left;
    }
    heap[at] = sinking;
  }
}
