/** Pseudorandom numbers that are the same for the same seed. */
export class Random {
  #state: number;

  /** @param seed a whole number below 2**32 */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a number from 0 up to but not including 1. */
  next(): number {
    // SplitMix32.
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** Returns a whole number in the range, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Returns true with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws RangeError for an empty list */
  pick<T>(from: readonly T[]): T {
    const index = this.between(0, from.length - 1);
    if (index >= from.length || index < 0) throw new RangeError('nothing to pick from');
    return from[index] as T;
  }

  /** Returns a seed for another generator. */
  seed(): number {
    return this.between(0, 2 ** 32 - 1);
  }
}
