import type { Position } from '../events/cursor.js';
import type { End, Gap } from './subscription-message.js';

/**
 * The rules that end a subscription: its limit, its last position, a gap, and a broker that drains.
 */
export class Ending {
  #remaining: number;
  /**
   * The cursor of the view that reached the limit, '' for a kept exit. More entries may have been
   * considered.
   */
  #limitCursor: string | undefined;
  #stopAfter: Position | undefined;
  /** Its offset, for the hot path. */
  #stopOffset = Infinity;
  #gap: Gap | undefined;

  constructor(
    limit: number,
    private readonly onGap: 'fail' | 'continue',
  ) {
    this.#remaining = limit;
  }

  /** How many more views may be delivered. */
  get remaining(): number {
    return this.#remaining;
  }

  get hasStopPosition(): boolean {
    return this.#stopAfter !== undefined;
  }

  /** End once everything up to this position was considered. The first one that is set counts. */
  stopAfter(position: Position): void {
    this.#stopAfter ??= position;
    this.#stopOffset = this.#stopAfter.offset;
  }

  isBeyondStop(offset: number): boolean {
    return offset > this.#stopOffset;
  }

  /** @param lastCursor the cursor of the last one, '' for kept exits */
  countDelivered(views: number, lastCursor: string): void {
    this.#remaining -= views;
    if (this.#remaining <= 0) this.#limitCursor = lastCursor;
  }

  /** Retention has removed entries before they were read. */
  meetGap(gap: Gap): void {
    this.#gap = gap;
  }

  /**
   * The last message, if the subscription ends now.
   *
   * @param position everything up to here was delivered
   * @param wasLive whether that is everything that was dispatched
   * @param isDraining whether the broker drains, or the history was replaced
   */
  next(position: Position, wasLive: boolean, isDraining: boolean): End | undefined {
    if (this.#limitCursor !== undefined) return end('complete', this.#limitCursor, wasLive);
    if (this.#gap !== undefined && this.onGap === 'fail') {
      return end('gap', this.#gap.from, wasLive);
    }
    // The cursor of the stop position, because entries between it and `position` were left out and
    // a resume must find them.
    if (this.#stopAfter !== undefined && position.offset >= this.#stopAfter.offset) {
      return end('complete', this.#stopAfter.cursor, wasLive);
    }
    return isDraining ? end('shutdown', position.cursor, wasLive) : undefined;
  }
}

function end(reason: End['reason'], cursor: string, wasLive: boolean): End {
  return { kind: 'end', reason, cursor, wasLive };
}
