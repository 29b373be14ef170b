/** Counts by a few labels, whose number is bounded by what is counted. */
export class Tally {
  readonly #counts = new Map<string, { readonly labels: readonly string[]; count: number }>();

  /**
   * @param expected labels that have a count from the beginning: Prometheus sees no increase in a
   *   counter that begins at 1
   */
  constructor(...expected: readonly (readonly string[])[]) {
    for (const labels of expected) this.#counts.set(labels.join('\0'), { labels, count: 0 });
  }

  /** @param labels values without NUL */
  add(...labels: readonly string[]): void {
    const key = labels.join('\0');
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { labels, count: 1 });
    else known.count += 1;
  }

  get all(): readonly { readonly labels: readonly string[]; readonly count: number }[] {
    return [...this.#counts.values()];
  }
}
