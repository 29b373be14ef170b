interface FakeTimer {
  due: number;
  readonly callback: () => void;
}

/**
 * Replaces `performance.now` and `setTimeout` of this process: time passes only with `advance`, and
 * timers fire in it. `restore` must be called.
 */
export class FakeClock {
  readonly #real = { now: performance.now.bind(performance), setTimeout, clearTimeout };
  readonly #timers = new Set<FakeTimer>();
  #now = this.#real.now();

  constructor() {
    performance.now = () => this.#now;
    globalThis.setTimeout = ((callback: () => void, ms = 0): FakeTimer & object => {
      const timer: FakeTimer = { due: this.#now + ms, callback };
      this.#timers.add(timer);
      const refresh = () => {
        timer.due = this.#now + ms;
        this.#timers.add(timer);
        return timer;
      };
      return Object.assign(timer, { ref: () => timer, unref: () => timer, refresh });
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = (timer) => {
      this.#timers.delete(timer as unknown as FakeTimer);
    };
  }

  /** Lets this many milliseconds pass, and calls back the timers that are due. */
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.due > this.#now || !this.#timers.delete(timer)) continue;
      timer.callback();
    }
  }

  restore(): void {
    performance.now = this.#real.now;
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
  }
}

/** Runs work for which `performance.now` is ahead of the time, which goes on. */
export async function aheadBy(ms: number, work: () => Promise<void>): Promise<void> {
  const now = performance.now.bind(performance);
  performance.now = () => now() + ms;
  try {
    await work();
  } finally {
    performance.now = now;
  }
}
