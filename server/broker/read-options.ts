import type { FilterSet } from '../filter/index.js';
import type { ContainerKey } from '../history/store.js';

/** What a subscription is asked for, complete and already checked. All times are ns since 1970. */
export interface ReadOptions {
  readonly filter: FilterSet;
  /** Only the entries filed under this container. */
  readonly container: ContainerKey | undefined;
  readonly start: ReadStart;
  /** Leave out entries with a later timestamp, and end once this time has passed. */
  readonly until: bigint | undefined;
  /** End with the last entry that the history held at the start. */
  readonly stopWhenCaughtUp: boolean;
  /** End after this many entries; Infinity for no limit. */
  readonly limit: number;
  readonly onGap: 'fail' | 'continue';
}

export type ReadStart =
  | { readonly kind: 'now' }
  | { readonly kind: 'earliest' }
  | { readonly kind: 'after'; readonly cursor: string }
  | { readonly kind: 'since'; readonly time: bigint };
