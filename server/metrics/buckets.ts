/** Durations in buckets. An observation allocates nothing. */
export class Buckets {
  /** How many observations are in each bucket, and in the last one those above all bounds. */
  readonly counts: number[];
  sum = 0;

  /** @param bounds upper bounds in seconds, ascending */
  constructor(readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(seconds: number): void {
    this.sum += seconds;
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }
}

/** From a write without a flush to a disk that is nearly gone. */
export const STORE_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
