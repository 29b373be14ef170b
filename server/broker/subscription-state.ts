import type { Position } from '../events/cursor.js';
import type { HistoryReader } from './history-reader.js';
import type { Deriver } from './view-type.js';

/** A subscription alternates between reading and live, until it ends. */
export type SubscriptionState<View> = Reading<View> | Live | Ended;

/** Reads the store at its reader's pace. */
export class Reading<View> {
  readonly kind = 'reading';
  /** A read is under way: what comes next is not known before it ends. */
  isBusy = false;
  failure: { readonly error: unknown } | undefined;
  /** Opened with the first read. */
  deriver: Deriver<View> | undefined;

  constructor(
    readonly reader: HistoryReader,
    /** Everything up to here was considered. */
    public considered: Position,
  ) {}
}

/** Is fed by the delivery. */
export class Live {
  readonly kind = 'live';
  /** The reader knows that everything stored so far was delivered. */
  hasReportedCaughtUp = false;
  /** Nothing more will be offered. */
  isCut = false;

  /** @param joinedAfter everything up to here was considered before it joined */
  constructor(readonly joinedAfter: Position) {}
}

export interface Ended {
  readonly kind: 'ended';
}
export const ENDED: Ended = Object.freeze({ kind: 'ended' });
