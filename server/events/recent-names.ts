/** More than the names that are in use at a time. */
const MOST_NAMES = 1000;
/** Longer ones are not remembered. */
const MOST_LENGTH = 128;

/** Remembers names, as long as there are not too many of them: then it begins anew. */
export class RecentNames {
  readonly #names = new Set<string>();

  has(name: string): boolean {
    return this.#names.has(name);
  }

  add(name: string): void {
    if (name.length > MOST_LENGTH) return;
    if (this.#names.size >= MOST_NAMES) this.#names.clear();
    this.#names.add(name);
  }
}
