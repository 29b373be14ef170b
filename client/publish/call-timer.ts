import { LONGEST_TIMER_MS } from '../../protocol/clock.js';

/**
 * Milliseconds between two scans of the waiting calls, which may be many while a broker is away. A
 * call may time out this much late.
 */
const SCAN_INTERVAL_MS = 10;

/** One timer for the time limits of many calls. A timer for each would cost a tenth of a call. */
export class CallTimer {
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;

  /**
   * @param onDue ends the calls that are overdue at `now` (`performance.now()`), and returns when
   * to be called next; Infinity for never
   */
  constructor(private readonly onDue: (now: number) => number) {}

  /** Calls `onDue` at this time, by `performance.now()`, at the latest. */
  watch(deadline: number): void {
    if (deadline >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = deadline;
    const left = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timer = setTimeout(
      () => {
        this.#due = Infinity;
        const now = performance.now();
        this.watch(Math.max(this.onDue(now), now + SCAN_INTERVAL_MS));
      },
      Math.min(left, LONGEST_TIMER_MS),
    );
  }

  /** Stops while no call waits, because a timer would keep the process alive. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }
}
