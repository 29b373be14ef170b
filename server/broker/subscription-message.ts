import type { EventView } from '../events/event-view.js';

/** A subscription's messages, in order. Unless noted, a reader can resume after the cursor. */
export type SubscriptionMessage<View = EventView> =
  /** Never empty. Kept exits come before the first entry; their cursors are not for resuming. */
  | {
      readonly kind: 'entries';
      readonly entries: readonly View[];
      readonly keptExits: boolean;
    }
  /** Everything up to the cursor was considered, and nothing passed the filter lately. */
  | { readonly kind: 'progress'; readonly cursor: string }
  | Gap
  /** Everything stored so far has been delivered. */
  | { readonly kind: 'caught up'; readonly cursor: string }
  | End;

/**
 * Entries are lost to the reader; what comes next starts after `to`. With 'not recorded', a
 * recorder may have missed events, and the entry at `to` says which; no policy ends a reader there.
 */
export interface Gap {
  readonly kind: 'gap';
  readonly reason: 'trimmed' | 'rolled back' | 'store recreated' | 'damaged' | 'not recorded';
  readonly from: string;
  readonly to: string;
  /** 0 when the number is unknown. */
  readonly lostAtMost: number;
}

/** The last message. */
export interface End {
  readonly kind: 'end';
  /** With 'gap', a gap came before it, and the reader asked to fail then. */
  readonly reason: 'complete' | 'shutdown' | 'gap';
  readonly cursor: string;
  /** Whether the reader was live, and so has got everything that was stored. */
  readonly wasLive: boolean;
}
