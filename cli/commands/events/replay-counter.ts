import type { Terminal } from '../../terminal.js';

const PATIENCE = 1000;
const INTERVAL = 200;

/**
 * Shows how many events a long replay has written, on a terminal whose lines nothing else writes:
 * stderr is one and stdout goes elsewhere. Otherwise it does nothing.
 */
export class ReplayCounter {
  readonly #terminal: Terminal;
  #active: boolean;
  #count = 0;
  #shownAt: number;
  #shown = false;

  constructor(
    terminal: Terminal,
    /** Milliseconds on a clock that never steps. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#terminal = terminal;
    this.#active = terminal.stderr.isTTY === true && terminal.stdout.isTTY !== true;
    // The first line comes after a second: a short replay needs none.
    this.#shownAt = now() + PATIENCE - INTERVAL;
  }

  add(events: number): void {
    this.#count += events;
    if (!this.#active || this.now() - this.#shownAt < INTERVAL) return;
    this.#terminal.stderr.write(`\r${this.#count.toLocaleString('en')} events`);
    this.#shownAt = this.now();
    this.#shown = true;
  }

  /** The replay is over: takes the line away for good. */
  stop(): void {
    if (this.#shown) this.#terminal.stderr.write('\r\x1b[K');
    this.#shown = false;
    this.#active = false;
  }
}
