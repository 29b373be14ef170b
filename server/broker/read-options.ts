import type { FilterSet } from '../filter/index.js';
import type { ContainerKey, Scope } from '../events/filing.js';

/** A scope that names one container of one namespace. */
export interface ContainerScope extends Scope {
  readonly key: ContainerKey;
}

/** A subscription's options, complete and checked. All times are ns since 1970. */
export interface SubscriptionOptions<Filter = FilterSet> {
  readonly filter: Filter;
  /** Only the entries of one container. */
  readonly scope: ContainerScope | undefined;
  readonly start: SubscriptionStart;
  /** Leave out later views, and end once this time has passed. */
  readonly until: bigint | undefined;
  /** Called when `until` has passed: resolves when the history has everything up to then. */
  readonly beforeEnd?: () => Promise<unknown>;
  /** End with the last entry that the history held at the start. */
  readonly stopWhenCaughtUp: boolean;
  /** End after this many views; Infinity for no limit. */
  readonly limit: number;
  readonly onGap: 'fail' | 'continue';
  /**
   * Report spans in which a recorder may have missed events as gaps, where the filter leaves out
   * the entries that stand for them.
   */
  readonly reportsMissedSpans?: boolean;
}

export type SubscriptionStart =
  | {
      readonly kind: 'now';
      /**
       * Entries up to this offset may report what happened before the start, and are left out then.
       * Without it, everything counts that is stored from now on.
       */
      readonly past?: { readonly offset: number };
    }
  | ({ readonly kind: 'earliest' } & FromPast)
  /** With so many of the newest entries, whether they pass the filter or not. */
  | { readonly kind: 'newest'; readonly entries: number }
  | { readonly kind: 'after'; readonly cursor: string }
  | ({ readonly kind: 'since'; readonly time: bigint } & FromPast);

interface FromPast {
  /** Leave out the kept exits up to this one. */
  readonly keptExitsAfter?: string;
}
