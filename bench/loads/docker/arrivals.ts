import { createHistogram } from 'node:perf_hooks';
import { wallMicros } from '../wall-clock.js';

/** Summary of received events. */
export interface ArrivalReport {
  /** Events received in all. */
  readonly total: number;
  /** Events received since the last reset, as for all fields below. */
  readonly count: number;
  /** Time from the reset until now. */
  readonly seconds: number;
  /** Time from the reset until the last event; 0 without events. */
  readonly secondsToLast: number;
  /** Percentiles of the time from an event's `timeNano` to its arrival, ms. */
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

  /** @param now the clock of the added times, microseconds */
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
