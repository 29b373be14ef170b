import { FoghornError } from '../../protocol/errors.js';
import { Buckets, STORE_SECONDS } from './buckets.js';
import { CallCounts } from './call-counts.js';
import { EventCounts, type CountedEntry } from './event-counts.js';
import { Tally } from './tally.js';

/** Codes of commits that the store refuses. */
const STORE_FAILURES = [['RESOURCE_EXHAUSTED'], ['UNAVAILABLE'], ['INTERNAL']];

/** Codes of events that are not what the broker accepts, or that their caller may not publish. */
const EVENT_REFUSALS = [
  ['INVALID_ARGUMENT'],
  ['FAILED_PRECONDITION'],
  ['PERMISSION_DENIED'],
  ['RESOURCE_EXHAUSTED'],
];

const GAP_REASONS = [['trimmed'], ['rolled back'], ['store recreated'], ['damaged']];

/**
 * Everything that is counted while the broker works: plain numbers, which are given names and
 * labels only when they are asked for.
 */
export class BrokerCounts {
  readonly events = new EventCounts();
  readonly calls = new CallCounts();
  readonly appends = new Buckets(STORE_SECONDS);
  readonly flushes = new Buckets(STORE_SECONDS);
  readonly checkpoints = new Buckets(STORE_SECONDS);
  readonly roundTrips = new Buckets(STORE_SECONDS);
  reconnects = 0;
  duplicates = 0;
  /** Commits that failed, by code. */
  readonly failedCommits = new Tally(...STORE_FAILURES);
  /** Events that were refused before they reached the store, by code. */
  readonly refusedEvents = new Tally(...EVENT_REFUSALS);
  /** Gaps that readers met, by reason. */
  readonly gaps = new Tally(...GAP_REASONS);

  // The functions of `StoreObserver`, bound.

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

  readonly failed = (error: unknown): void => {
    this.failedCommits.add(error instanceof FoghornError ? error.code : 'INTERNAL');
  };

  readonly flushed = (seconds: number): void => {
    this.flushes.observe(seconds);
  };

  readonly checkpointed = (seconds: number): void => {
    this.checkpoints.observe(seconds);
  };

  readonly roundTrip = (seconds: number): void => {
    this.roundTrips.observe(seconds);
  };

  readonly reconnected = (): void => {
    this.reconnects += 1;
  };

  /** An event was refused. Bound, like the others. */
  readonly refusedEvent = (code: string): void => {
    this.refusedEvents.add(code);
  };
}
