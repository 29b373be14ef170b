/**
 * A set of prefixes that finds whether a text begins with any of them in logarithmic time, because
 * a filter may have thousands.
 */
export class PrefixSet {
  /** Sorted, and none is a prefix of another. */
  readonly #prefixes: readonly string[];

  constructor(prefixes: Iterable<string>) {
    const kept: string[] = [];
    // Without a comparator, the order is that of `<=`, and thousands are sorted much faster.
    // A prefix sorts before all texts that begin with it, so it comes right before those it covers.
    for (const prefix of [...prefixes].sort()) {
      const last = kept.at(-1);
      if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
    }
    this.#prefixes = kept;
  }

  /** Whether the text begins with one of the prefixes. */
  matches(text: string): boolean {
    // Only the greatest prefix that is not greater than the text can be one of it.
    let low = 0;
    let high = this.#prefixes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#prefixes[middle] ?? '') <= text) low = middle + 1;
      else high = middle;
    }
    const candidate = this.#prefixes[low - 1];
    return candidate !== undefined && text.startsWith(candidate);
  }
}
