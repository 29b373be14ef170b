/** Lines of one kind that are logged in a period; the rest is only counted. */
const MAX_LINES = 10;
const PERIOD_MS = 60_000;

/** Keeps one kind of line from filling the log, and says how many were left out. */
export class RateLimit {
  #periodBegan = -Infinity;
  #lines = 0;
  #leftOut = 0;

  /** @param now in ms, for tests of time */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Logs a line, with the number of those that were left out before it, unless there are many. */
  pass(write: (leftOut: { readonly leftOut?: number }) => void): void {
    const now = this.now();
    if (now - this.#periodBegan >= PERIOD_MS) {
      this.#periodBegan = now;
      this.#lines = 0;
    }
    if (this.#lines >= MAX_LINES) {
      this.#leftOut += 1;
      return;
    }
    this.#lines += 1;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    write(leftOut === 0 ? {} : { leftOut });
  }
}
