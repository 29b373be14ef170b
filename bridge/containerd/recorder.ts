import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
import { nanosFromTimestamp, timestampFromNanos } from '../../client/index.js';
import type { Client, Envelope } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';
import { storeEnvelope } from './store-envelope.js';
import type { RecorderContext } from '../contracts.js';

export interface ContainerdRecorderParts extends RecorderContext {
  /** containerd. */
  readonly source: Client;
  /** ADDR of containerd, for texts. */
  readonly from: string;
}

/** A subscription that lasted this long, in milliseconds, makes the next loss a first one. */
const STABLE_CONNECTION_MS = 1000;

/**
 * Stores every event of a containerd, one after the other, until it is told to stop. Nothing is
 * taken from containerd before the event in hand is stored, so containerd keeps the rest.
 *
 * @throws FoghornError when either side answers that it does not offer the call.
 */
export async function recordContainerd(parts: ContainerdRecorderParts): Promise<void> {
  const { signal, sourceConnection } = parts;
  const isStopped = () => signal.aborted;
  for (let failures = 0; !isStopped(); failures++) {
    const begun = performance.now();
    try {
      await followOnce(parts);
      if (isStopped()) return;
      sourceConnection.disconnected(new FoghornError('UNAVAILABLE', 'it ended the subscription'));
    } catch (error) {
      if (!(error instanceof FoghornError) || error.code === 'UNIMPLEMENTED') throw error;
      sourceConnection.disconnected(error);
    }
    if (performance.now() - begun > STABLE_CONNECTION_MS) failures = 0;
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}

/** Stores events for as long as one subscription lasts. */
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

/** containerd takes up a subscription a moment after the call stands, and does not tell when. */
const REGISTRATION_NS = 1_000_000_000n;

/** containerd replays nothing, so what happened since the last event stored is in doubt. */
function reportStart({ from, state, say }: ContainerdRecorderParts): void {
  const now = wallClock();
  const { followedUntil } = state;
  say(
    followedUntil === undefined
      ? `recording the events of ${from} from now on`
      : `recording the events of ${from}; those between ${timeText(followedUntil)} and ${timeText(now + REGISTRATION_NS)} may be missing`,
  );
  state.advance(now);
}

/** When an event happened; one that claims to come from the future is taken to happen now. */
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
