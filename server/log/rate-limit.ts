/** Lines of one kind that are logged in a period, by default; the rest is only counted. */
const MAX_LINES = 10;
const PERIOD_MS = 60_000;

/** Keeps one kind of line from filling the log, and says how many were left out. */
export class RateLimit {
  #periodBegan = -Infinity;
  #lines = 0;
  #leftOut = 0;

  /**
   * @param maxLines lines that are logged in a minute
   * @param now in ms, for tests of time
   */
  constructor(
    private readonly maxLines = MAX_LINES,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Logs a line, with the number of those that were left out before it, unless there are many.
   * Returns whether it was logged.
   */
  pass(write: (leftOut: { readonly leftOut?: number }) => void): boolean {
    const now = this.now();
    if (now - this.#periodBegan >= PERIOD_MS) {
      this.#periodBegan = now;
      this.#lines = 0;
    }
    if (this.#lines >= this.maxLines) {
      this.#leftOut += 1;
      return false;
    }
    this.#lines += 1;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    write(leftOut === 0 ? {} : { leftOut });
    return true;
  }
}
