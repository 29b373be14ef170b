import type { EventView } from '../events/event-view.js';

/** What a subscription delivers, in order. Every cursor is a place to resume after. */
export type SubscriptionMessage =
  /** Never empty. Kept exits come before the first entry, and their cursors are no place to resume after. */
  | {
      readonly kind: 'entries';
      readonly entries: readonly EventView[];
      readonly keptExits: boolean;
    }
  /** Everything up to the cursor was considered, and nothing passed the filter lately. */
  | { readonly kind: 'progress'; readonly cursor: string }
  | Gap
  /** Everything stored so far has been delivered. */
  | { readonly kind: 'caught up'; readonly cursor: string }
  /** The last message. With 'gap', a gap came before it, and the reader wants to fail then. */
  | {
      readonly kind: 'end';
      readonly reason: 'complete' | 'shutdown' | 'gap';
      readonly cursor: string;
    };

/** The reader's place is not there any more; what comes next starts after `to`. */
export interface Gap {
  readonly kind: 'gap';
  readonly reason: 'trimmed' | 'rolled back' | 'store recreated';
  readonly from: string;
  readonly to: string;
  /** 0 when nobody can know. */
  readonly lostAtMost: number;
}
