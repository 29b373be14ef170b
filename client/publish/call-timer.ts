import { LONGEST_TIMER_MS } from '../../protocol/clock.js';

/** Milliseconds between two looks at all that waits: while a broker is away, that may be a lot. A call is over so much late. */
const INTERVAL = 10;

/** One timer for the time limits of many calls: setting and clearing one for each would cost a tenth of what a call does. */
export class CallTimer {
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;

  /** @param onDue is to give up what is over by now (`performance.now()`), and tells when to be called next; Infinity for never */
  constructor(private readonly onDue: (now: number) => number) {}

  /** Sees to it that `onDue` is called at this time, by `performance.now()`, at the latest. */
  watch(deadline: number): void {
    if (deadline >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = deadline;
    const left = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timer = setTimeout(
      () => {
        this.#due = Infinity;
        const now = performance.now();
        this.watch(Math.max(this.onDue(now), now + INTERVAL));
      },
      Math.min(left, LONGEST_TIMER_MS),
    );
  }

  /** For when nothing waits: a timer would keep the process. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }
}
