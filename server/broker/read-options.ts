import type { FilterSet } from '../filter/index.js';
import type { ContainerKey, Scope } from '../history/store.js';

/** What is asked for by name is one container of one namespace. */
export interface ContainerScope extends Scope {
  readonly key: ContainerKey;
}

/** What a subscription is asked for, complete and already checked. All times are ns since 1970. */
export interface ReadOptions {
  readonly filter: FilterSet;
  /** Only the entries of one container. */
  readonly scope: ContainerScope | undefined;
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
  | ({ readonly kind: 'earliest' } & FromPast)
  | { readonly kind: 'after'; readonly cursor: string }
  | ({ readonly kind: 'since'; readonly time: bigint } & FromPast & WithEarlier);

interface FromPast {
  /** Leave out the kept exits up to this one. */
  readonly keptExitsAfter?: string;
}

interface WithEarlier {
  /** Begin at the time, but leave out nothing from there on: what comes later in history may be from before. */
  readonly withEarlier?: boolean;
}
