import type { Terminal } from '../../terminal.js';

/** Milliseconds before the count is first shown; a short replay shows none. */
const FIRST_SHOWN_MS = 1000;
/** Milliseconds between two updates. */
const UPDATE_INTERVAL_MS = 200;

/**
 * Shows how many events a long replay has written. Works only if stderr is a terminal and stdout is
 * not, so that the count does not mix with the output.
 */
export class ReplayCounter {
  readonly #terminal: Terminal;
  #active: boolean;
  #count = 0;
  #shownAt: number;
  #shown = false;

  constructor(
    terminal: Terminal,
    /** Returns milliseconds on a monotonic clock. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#terminal = terminal;
    this.#active = terminal.stderr.isTTY === true && terminal.stdout.isTTY !== true;
    this.#shownAt = now() + FIRST_SHOWN_MS - UPDATE_INTERVAL_MS;
  }

  add(events: number): void {
    this.#count += events;
    if (!this.#active || this.now() - this.#shownAt < UPDATE_INTERVAL_MS) return;
    this.#terminal.stderr.write(`\r${this.#count.toLocaleString('en')} events`);
    this.#shownAt = this.now();
    this.#shown = true;
  }

  /** Removes the count for good, because the replay has ended. */
  stop(): void {
    if (this.#shown) this.#terminal.stderr.write('\r\x1b[K');
    this.#shown = false;
    this.#active = false;
  }
}
