import { WHOLE_DAEMON_NAMESPACE } from '../../protocol/recorder-topics.js';
import { missedEventsEnvelope } from '../missed-events.js';
import { timeText } from '../time-text.js';
import type { ContainerdRecorderContext } from './recorder-context.js';

/** A subscription that is not refused within these milliseconds has begun. */
const REFUSAL_MS = 250;

/**
 * containerd registers a subscription a moment after it accepts the call, at an unknown time within
 * these nanoseconds.
 */
const REGISTRATION_NS = 1_000_000_000n;

/**
 * The start of a subscription. containerd replays nothing, so once it has begun, the events since
 * the end of the one before are reported as missing, to the operator and in the history.
 */
export class RecordingStart {
  #connectedAt: bigint | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasBegun = false;

  constructor(
    private readonly context: ContainerdRecorderContext,
    private readonly reason: string,
  ) {}

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** containerd accepted the connection; it may still refuse the call. */
  connected(): void {
    this.#connectedAt = wallClock();
    this.#timer = setTimeout(() => {
      this.began();
    }, REFUSAL_MS);
  }

  /** The subscription has begun: an event has arrived, or it was not refused. */
  began(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    clearTimeout(this.#timer);
    this.context.following.connected();
    const connectedAt = this.#connectedAt ?? wallClock();
    this.context.onBegan(connectedAt);
    this.#report(connectedAt);
  }

  /** The subscription has ended. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #report(connectedAt: bigint): void {
    const { from: address, state, queue, say, following } = this.context;
    const from = state.followedUntil;
    if (from === undefined) {
      say(`recording the events of ${address} from now on`);
      state.advance(connectedAt);
      return;
    }
    const to = connectedAt + REGISTRATION_NS;
    following.missed();
    say(
      `recording the events of ${address}; events between ${timeText(from)} and ${timeText(to)} may be missing`,
    );
    const span = { daemon: 'containerd', address, from, to, reason: this.reason } as const;
    queue.add({
      envelope: missedEventsEnvelope(WHOLE_DAEMON_NAMESPACE, span),
      onStored: () => {
        state.advance(connectedAt);
      },
    });
  }
}

function wallClock(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
