import { createHistogram } from 'node:perf_hooks';
import { wallMicros } from '../wall-clock.js';

/** What has arrived. */
export interface ArrivalReport {
  /** From first to last. */
  readonly total: number;
  /** Since it began anew, as everything below. */
  readonly count: number;
  /** Until now. */
  readonly seconds: number;
  /** Until the last one; 0 if there is none. */
  readonly secondsToLast: number;
  /** Of the time from when it happened, as its `timeNano` says, to its arrival, ms. */
  readonly p50: number;
  readonly p99: number;
}

/** Counts events as they arrive. */
export class Arrivals {
  readonly #delays = createHistogram();
  #total = 0;
  #before = 0;
  #begun = performance.now();
  #last = this.#begun;

  /** @param now the clock of what is added, microseconds */
  constructor(private readonly now: () => number = wallMicros) {}

  readonly add = (timeMicros: number): void => {
    this.#total += 1;
    this.#last = performance.now();
    this.#delays.record(Math.max(1, Math.round(this.now() - timeMicros)));
  };

  beginAnew(): void {
    this.#delays.reset();
    this.#before = this.#total;
    this.#begun = this.#last = performance.now();
  }

  report(): ArrivalReport {
    return {
      total: this.#total,
      count: this.#total - this.#before,
      seconds: (performance.now() - this.#begun) / 1000,
      secondsToLast: (this.#last - this.#begun) / 1000,
      p50: this.#delays.percentile(50) / 1000,
      p99: this.#delays.percentile(99) / 1000,
    };
  }
}
