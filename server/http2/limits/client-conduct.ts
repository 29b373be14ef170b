import { excessiveLoad } from '../connection-error.js';
import { TokenBucket } from './token-bucket.js';

/** WINDOW_UPDATE frames that a client may send before anything was sent to it. */
const FIRST_WINDOW_UPDATES = 1000;
const MAX_WINDOW_UPDATES = 100_000;
/** PING frames that a client may have earned by data and not sent. */
const MAX_EARNED_PINGS = 10_000;
/** Bytes of data for which a client may send a WINDOW_UPDATE. */
const BYTES_PER_WINDOW_UPDATE = 1024;

export interface ConductLimits {
  readonly resetBurst: number;
  readonly resetsPerSecond: number;
  readonly uselessFrameBurst: number;
  readonly uselessFramesPerSecond: number;
}

/** Ends the connection of a client that only costs, with ENHANCE_YOUR_CALM. */
export class ClientConduct {
  readonly #resets: TokenBucket;
  readonly #uselessFrames: TokenBucket;
  #windowUpdates = FIRST_WINDOW_UPDATES;
  #earnedPings = 0;

  constructor(limits: ConductLimits) {
    this.#resets = new TokenBucket(limits.resetBurst, limits.resetsPerSecond);
    this.#uselessFrames = new TokenBucket(limits.uselessFrameBurst, limits.uselessFramesPerSecond);
  }

  /** The client reset a stream soon, or had this server reset one (CVE-2023-44487, 2025-8671). */
  countReset(): void {
    if (!this.#resets.take()) throw excessiveLoad('too many resets and faults');
  }

  /** A frame came that asks for work and carries nothing (CVE-2019-9512, 9513, 9515, 9518). */
  countUselessFrame(): void {
    if (!this.#uselessFrames.take()) throw excessiveLoad('too many frames without a use');
  }

  countWindowUpdate(): void {
    if (this.#windowUpdates > 0) this.#windowUpdates -= 1;
    else this.countUselessFrame();
  }

  /** A client measures its bandwidth by a PING for each DATA frame that it receives, as Go's do. */
  countPing(): void {
    if (this.#earnedPings > 0) this.#earnedPings -= 1;
    else this.countUselessFrame();
  }

  /**
   * Data was sent, for which a client may widen its windows, of the stream and the connection, and
   * send a PING.
   */
  onDataSent(dataBytes: number): void {
    const allowed = this.#windowUpdates + 2 + dataBytes / BYTES_PER_WINDOW_UPDATE;
    this.#windowUpdates = Math.min(allowed, MAX_WINDOW_UPDATES);
    if (dataBytes > 0 && this.#earnedPings < MAX_EARNED_PINGS) this.#earnedPings += 1;
  }
}
