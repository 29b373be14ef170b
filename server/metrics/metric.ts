import type { Buckets } from './buckets.js';
import type { Scrape } from './scrape.js';

/** A value and the values of the metric's labels, in their order. */
type Sample = readonly [value: number, ...labels: readonly string[]];

/** A metric: everything about it, and how it is read. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  /** Undefined, or no samples, where there is nothing to say. */
  readonly read: (scrape: Scrape) => number | readonly Sample[] | Buckets | undefined;
}
