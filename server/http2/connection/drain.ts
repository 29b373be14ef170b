import { ERROR_CODE } from '../error-code.js';
import type { ControlFrames } from '../output/control-frames.js';
import { MAX_STREAM_ID } from '../protocol.js';

/** Time that the client has to answer, so that requests on their way are still taken. */
const ROUND_TRIP_MS = 1000;
const PING_PAYLOAD = Buffer.from('draining', 'latin1');

/**
 * Ends a connection in two steps (RFC 9113, section 6.8): a GOAWAY that announces the end and
 * excludes no stream, and after a round trip one that names the last stream.
 */
export class Drain {
  #state: 'none' | 'announced' | 'final' = 'none';
  #announcedAt = 0;

  constructor(
    private readonly control: ControlFrames,
    private readonly onRoundTrip: () => void,
  ) {}

  get isFinal(): boolean {
    return this.#state === 'final';
  }

  announce(): void {
    if (this.#state !== 'none') return;
    this.#state = 'announced';
    this.#announcedAt = performance.now();
    this.control.goAway(MAX_STREAM_ID, ERROR_CODE.NO_ERROR, '');
    this.control.ping(PING_PAYLOAD);
  }

  onPingAcknowledged(payload: Buffer): void {
    if (payload.equals(PING_PAYLOAD)) this.#finish();
  }

  tick(now: number): void {
    if (now - this.#announcedAt >= ROUND_TRIP_MS) this.#finish();
  }

  #finish(): void {
    if (this.#state !== 'announced') return;
    this.#state = 'final';
    this.onRoundTrip();
  }
}
