import { retry } from '../../client/own-programs.js';
import { nanosFromTimestamp } from '../../client/index.js';
import type { Envelope } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { mayDaemonReturn } from '../contracts.js';
import { OrderlyStop } from '../orderly-stop.js';
import { explainDaemon } from '../wrong-daemon.js';
import type { ContainerdRecorderContext } from './recorder-context.js';
import { RecordingStart } from './recording-start.js';

/** Milliseconds between two checks whether containerd has sent nothing in between. */
const QUIET_CHECK_MS = 1000;

/** Longest wait for space in the queue between two checks whether the recorder is to stop. */
const SPACE_TIMEOUT_MS = 1000;

/**
 * Takes over containerd's events until the signal aborts and the events before that have arrived.
 * Subscribes again whenever a subscription ends.
 *
 * @throws FoghornError when containerd refuses the subscription for good.
 */
export async function followContainerd(context: ContainerdRecorderContext): Promise<void> {
  const { signal, following } = context;
  let reason = 'the recorder was not running';
  const follow = async () => {
    try {
      await new ContainerdSubscription(context, reason).follow();
    } catch (error) {
      throw await explainDaemon(error, 'containerd', context.from);
    }
    if (!signal.aborted) {
      throw new FoghornError('UNAVAILABLE', 'containerd ended the subscription');
    }
  };
  await retry(follow, {
    signal,
    isRetryable: (error) => mayDaemonReturn(context, error),
    onFailure: (error) => {
      reason = 'the connection to containerd was lost';
      following.disconnected(error);
    },
  });
}

/** One subscription to containerd's events. */
class ContainerdSubscription {
  readonly #start: RecordingStart;
  #eventCount = 0;

  /** @param reason why events before this subscription may be missing */
  constructor(
    private readonly context: ContainerdRecorderContext,
    reason: string,
  ) {
    this.#start = new RecordingStart(context, reason);
  }

  async follow(): Promise<void> {
    const { source, queue, signal } = this.context;
    const stop = new OrderlyStop(signal);
    const checking = this.#advanceWhileQuiet();
    try {
      const onConnected = () => {
        this.#start.connected();
      };
      for await (const envelope of source.subscribe([], { signal: stop.signal, onConnected })) {
        this.#start.began();
        stop.onEvent(this.#take(envelope));
        while (!queue.hasSpace && !stop.signal.aborted) {
          await queue.waitForSpace(SPACE_TIMEOUT_MS);
        }
      }
    } finally {
      clearInterval(checking);
      this.#start.close();
      stop.close();
    }
  }

  /** Returns the event's time in milliseconds since 1970. */
  #take(envelope: Envelope): number {
    const { queue, state, descriptions } = this.context;
    this.#eventCount++;
    this.context.onEvent(envelope);
    const time = timeOf(envelope);
    const onStored = () => {
      state.advance(time);
    };
    queue.add({ envelope, before: descriptions.before(envelope), onStored });
    return Number(time / 1_000_000n);
  }

  /**
   * Advances the state while containerd has nothing to send: it sends events at once, so everything
   * up to the check before has arrived.
   */
  #advanceWhileQuiet(): NodeJS.Timeout {
    const { queue, state } = this.context;
    let before = { eventCount: 0, time: 0 };
    return setInterval(() => {
      const isQuiet = this.#eventCount === before.eventCount && queue.isEmpty;
      if (this.#start.hasBegun && isQuiet && before.time > 0) {
        state.advance(BigInt(before.time) * 1_000_000n);
      }
      before = { eventCount: this.#eventCount, time: this.#start.hasBegun ? Date.now() : 0 };
    }, QUIET_CHECK_MS);
  }
}

/** Returns the time of an event in nanoseconds since 1970; a time in the future counts as now. */
function timeOf({ timestamp }: Envelope): bigint {
  const now = BigInt(Date.now()) * 1_000_000n;
  const time = timestamp === undefined ? now : nanosFromTimestamp(timestamp);
  return time < now ? time : now;
}
