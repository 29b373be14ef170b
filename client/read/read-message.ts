import type { LossReason } from '../../protocol/gaps.js';
import { EndReason, GapReason } from '../../protos/gen/foghorn/v1/history.js';
import type { Entry, ReadResponse } from '../../protos/gen/foghorn/v1/history.js';

/** A message of a read. A read can resume after each cursor, except those of kept exits. */
export type ReadMessage =
  /**
   * Entries in the order of history, at least one; the cursor is that of the last. Kept exits
   * outlasted the entries around them: they come first, with holes between them.
   */
  | {
      readonly kind: 'entries';
      readonly entries: readonly Entry[];
      readonly cursor: string;
      readonly keptExits: boolean;
    }
  /** No entry up to this cursor passed the filters. */
  | { readonly kind: 'progress'; readonly cursor: string }
  /**
   * Entries between `from` and `cursor` are lost, `lostAtMost` of them; 0 when the number is
   * unknown. With the reason `not recorded`, a recorder may have missed events, and the read goes
   * on whatever its gap policy is; the event at `cursor` says when.
   */
  | {
      readonly kind: 'gap';
      readonly reason: LossReason;
      readonly from: string;
      readonly cursor: string;
      readonly lostAtMost: bigint;
    }
  /** Everything stored so far was delivered; the cursor is empty while the history is. */
  | { readonly kind: 'caught up'; readonly cursor: string }
  /** The read is complete; the iteration ends after this. */
  | { readonly kind: 'end'; readonly cursor: string };

const LOSS_REASONS: Partial<Record<GapReason, LossReason>> = {
  [GapReason.GAP_REASON_TRIMMED]: 'trimmed',
  [GapReason.GAP_REASON_ROLLED_BACK]: 'rolled back',
  [GapReason.GAP_REASON_STORE_RECREATED]: 'store recreated',
  [GapReason.GAP_REASON_DAMAGED]: 'damaged',
  [GapReason.GAP_REASON_NOT_RECORDED]: 'not recorded',
};

const END_KINDS: Partial<Record<EndReason, 'shutdown' | 'gap end'>> = {
  [EndReason.END_REASON_SHUTDOWN]: 'shutdown',
  [EndReason.END_REASON_GAP]: 'gap end',
};

/** Internal: the broker shuts down, and the read goes on after the cursor. */
export interface Shutdown {
  readonly kind: 'shutdown';
  readonly cursor: string;
}

/** Internal: the read fails because of the gap before this. */
export interface GapEnd {
  readonly kind: 'gap end';
  readonly cursor: string;
}

/** The message in a response; undefined for a kind that this version does not know. */
export function readMessage({
  message,
}: ReadResponse): ReadMessage | Shutdown | GapEnd | undefined {
  switch (message?.$case) {
    case 'entries': {
      const { entries, keptExits } = message.value;
      const last = entries.at(-1);
      return last && { kind: 'entries', entries, cursor: last.cursor, keptExits };
    }
    case 'progress':
      return { kind: 'progress', cursor: message.value.cursor };
    case 'gap': {
      const { reason, from, to, lostAtMost } = message.value;
      return {
        kind: 'gap',
        reason: LOSS_REASONS[reason] ?? 'unknown',
        from,
        cursor: to,
        lostAtMost,
      };
    }
    case 'caughtUp':
      return { kind: 'caught up', cursor: message.value.cursor };
    case 'end': {
      const { reason, cursor } = message.value;
      return { kind: END_KINDS[reason] ?? 'end', cursor };
    }
    case undefined:
      return undefined;
  }
}
