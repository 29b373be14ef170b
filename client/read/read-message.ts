import type { LossReason } from '../../protocol/gaps.js';
import { EndReason, GapReason } from '../../protos/gen/foghorn/v1/history.js';
import type { Entry, ReadResponse } from '../../protos/gen/foghorn/v1/history.js';

/** What a read delivers. Every cursor is a place to resume after, except those of kept exits. */
export type ReadMessage =
  /**
   * Entries in the order of history, never none; the cursor is the last one's. Kept exits have outlasted the entries
   * around them: they come first, with holes between them.
   */
  | {
      readonly kind: 'entries';
      readonly entries: readonly Entry[];
      readonly cursor: string;
      readonly keptExits: boolean;
    }
  /** Nothing passed the filters up to here. */
  | { readonly kind: 'progress'; readonly cursor: string }
  /** Entries between `from` and `cursor` are lost, at most so many; 0 when nobody can know. */
  | {
      readonly kind: 'gap';
      readonly reason: LossReason;
      readonly from: string;
      readonly cursor: string;
      readonly lostAtMost: bigint;
    }
  /** Everything stored so far has been delivered; the cursor is empty while the history is. */
  | { readonly kind: 'caught up'; readonly cursor: string }
  /** What was asked for is complete; the iteration ends after this. */
  | { readonly kind: 'end'; readonly cursor: string };

const LOSS_REASONS: Partial<Record<GapReason, LossReason>> = {
  [GapReason.GAP_REASON_TRIMMED]: 'trimmed',
  [GapReason.GAP_REASON_ROLLED_BACK]: 'rolled back',
  [GapReason.GAP_REASON_STORE_RECREATED]: 'store recreated',
};

const END_KINDS: Partial<Record<EndReason, 'shutdown' | 'gap end'>> = {
  [EndReason.END_REASON_SHUTDOWN]: 'shutdown',
  [EndReason.END_REASON_GAP]: 'gap end',
};

/** Not for the reader: the broker goes away, and the read goes on after the cursor. */
export interface Shutdown {
  readonly kind: 'shutdown';
  readonly cursor: string;
}

/** Not for the reader: what the gap before it tells is lost, and the reader wanted to fail then. */
export interface GapEnd {
  readonly kind: 'gap end';
  readonly cursor: string;
}

/** The message in a response; undefined for one of a kind that this version does not know. */
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
