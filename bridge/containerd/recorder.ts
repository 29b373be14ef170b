import { retry } from '../../client/own-programs.js';
import { nanosFromTimestamp, timestampFromNanos } from '../../client/index.js';
import type { Client, Envelope } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';
import { storeEnvelope } from './store-envelope.js';
import type { RecorderContext } from '../contracts.js';

export interface ContainerdRecorderParts extends RecorderContext {
  /** A client of the containerd that is recorded. */
  readonly source: Client;
  /** Address of containerd, for messages. */
  readonly from: string;
}

/**
 * Stores every event of a containerd, one after the other, until the signal aborts. The next event
 * is read only when the one before is stored, so containerd keeps the rest meanwhile.
 *
 * @throws FoghornError when either side answers that it does not offer the call.
 */
export async function recordContainerd(parts: ContainerdRecorderParts): Promise<void> {
  const { signal, sourceConnection } = parts;
  const follow = async () => {
    await followOnce(parts);
    if (!signal.aborted) {
      throw new FoghornError('UNAVAILABLE', 'containerd ended the subscription');
    }
  };
  await retry(follow, {
    signal,
    isRetryable: ({ code }) => code !== 'UNIMPLEMENTED',
    onFailure: (error) => {
      sourceConnection.disconnected(error);
    },
  });
}

/** Stores the events of one subscription. */
async function followOnce(parts: ContainerdRecorderParts): Promise<void> {
  const { source, broker, brokerConnection, sourceConnection, state, signal, say } = parts;
  const events = source.subscribe([], {
    signal,
    onConnected: () => {
      sourceConnection.connected();
      reportStart(parts);
    },
  });
  for await (const envelope of events) {
    if (!(await storeEnvelope(broker, envelope, brokerConnection, signal, say))) {
      say(`stopped before an event of ${envelope.topic} could be stored`);
      return;
    }
    state.advance(timeOf(envelope));
  }
}

/**
 * containerd registers a subscription a moment after it accepts the call, at an unknown time within
 * these nanoseconds.
 */
const REGISTRATION_NS = 1_000_000_000n;

/** containerd replays nothing, so events since the last stored one may be missing. */
function reportStart({ from, state, say }: ContainerdRecorderParts): void {
  const now = wallClock();
  const { followedUntil } = state;
  say(
    followedUntil === undefined
      ? `recording the events of ${from} from now on`
      : `recording the events of ${from}; events between ${timeText(followedUntil)} and ${timeText(now + REGISTRATION_NS)} may be missing`,
  );
  state.advance(now);
}

/** Returns the time of an event in nanoseconds since 1970; a time in the future counts as now. */
function timeOf({ timestamp }: Envelope): bigint {
  const now = wallClock();
  const time = timestamp === undefined ? now : nanosFromTimestamp(timestamp);
  return time < now ? time : now;
}

function wallClock(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

function timeText(nanos: bigint): string {
  return formatRfc3339(timestampFromNanos(nanos), 'needed') ?? 'an unknown time';
}
