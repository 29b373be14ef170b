import { FoghornError } from '../../protocol/errors.js';
import { Buckets, STORE_SECONDS } from './buckets.js';
import { CallCounts } from './call-counts.js';
import { EventCounts, type CountedEntry } from './event-counts.js';
import { Tally } from './tally.js';

/** Codes of commits that the store refuses. */
const STORE_FAILURES = [['RESOURCE_EXHAUSTED'], ['UNAVAILABLE'], ['INTERNAL']];

const GAP_REASONS = [['trimmed'], ['rolled back'], ['store recreated'], ['damaged']];

/**
 * Everything that is counted while the broker works: plain numbers, which are given names and
 * labels only when they are asked for.
 */
export class BrokerCounts {
  readonly events = new EventCounts();
  readonly calls = new CallCounts();
  readonly appends = new Buckets(STORE_SECONDS);
  duplicates = 0;
  refusedCallers = 0;
  /** Commits that failed, by code. */
  readonly failedCommits = new Tally(...STORE_FAILURES);
  /** Gaps that readers met, by reason. */
  readonly gaps = new Tally(...GAP_REASONS);

  /** See `StoreObserver`. */
  readonly committed = (
    seconds: number,
    calls: readonly (readonly CountedEntry[])[],
    answers: readonly (readonly { readonly duplicate: boolean }[])[],
  ): void => {
    this.appends.observe(seconds);
    for (let call = 0; call < calls.length; call++) {
      const entries = calls[call] ?? [];
      const stored = answers[call];
      for (let at = 0; at < entries.length; at++) {
        const entry = entries[at];
        if (stored?.[at]?.duplicate === true) this.duplicates += 1;
        else if (entry !== undefined) this.events.count(entry);
      }
    }
  };

  /** See `StoreObserver`. */
  readonly failed = (error: unknown): void => {
    this.failedCommits.add(error instanceof FoghornError ? error.code : 'INTERNAL');
  };
}
