/** More lines than an engine remembers and replays. */
const KEPT_LINES = 1024;

/** The lines that this process has recorded last: after a lost connection, some arrive again. */
export class RecentLines {
  readonly #lines = new Set<string>();

  has(line: string): boolean {
    return this.#lines.has(line);
  }

  add(line: string): void {
    this.#lines.add(line);
    if (this.#lines.size <= KEPT_LINES) return;
    const [oldest] = this.#lines;
    if (oldest !== undefined) this.#lines.delete(oldest);
  }
}
