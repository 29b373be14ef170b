import type { ReadStatus } from '../read/read-options.js';

/** A loss of events that a consumer did not deliver. */
export interface ConsumerGap {
  /** Why, as a word of the broker's API, such as `GAP_REASON_TRIMMED`. */
  readonly reason: string;
  /** 0 when the number is unknown. */
  readonly lostAtMost: bigint;
}

export interface ConsumeOptions {
  /**
   * Deliveries that the broker may send ahead of the loop or the handlers; 16 unless given. Each
   * has a lease, which is extended by itself.
   */
  readonly prefetch?: number;
  /** Ends the iteration, without an error. Deliveries without an answer go to other members. */
  readonly signal?: AbortSignal;
  /** Called each time that the connection is lost or established again. */
  readonly onStatus?: (status: ReadStatus) => void;
  readonly onGap?: (gap: ConsumerGap) => void;
  /** Called when the consumer is paused, with the reason, and with an empty one when it goes on. */
  readonly onPaused?: (reason: string) => void;
}

/** Says how a delivery failed. */
export interface Failure {
  /** Milliseconds until the next delivery; the back-off of the consumer unless given. */
  readonly delay?: number;
  /** For people; kept with a parked event. */
  readonly reason?: string;
  /** Parks the event now. */
  readonly terminate?: boolean;
}
