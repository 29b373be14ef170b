import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../client/own-programs.js';
import { nanosFromTimestamp, timestampFromNanos } from '../client/index.js';
import type { Client, Envelope } from '../client/index.js';
import { FoghornError } from '../protocol/errors.js';
import { formatRfc3339 } from '../protocol/rfc3339.js';
import { ConnectionNotes } from '../cli/connection-notes.js';
import { storeEnvelope } from './store-envelope.js';
import type { Sink } from '../cli/with-sink.js';

export interface BridgeParts extends Sink {
  /** containerd. */
  readonly source: Client;
  /** ADDR of containerd, for texts. */
  readonly from: string;
}

/** A subscription that lasted this long, in milliseconds, makes the next loss a first one. */
const STABLE_AFTER = 1000;

/**
 * Stores every event of a containerd, one after the other, until it is told to stop. Nothing is
 * taken from containerd before the event in hand is stored, so containerd keeps the rest.
 *
 * @throws FoghornError when either side answers that it does not offer the call.
 */
export async function bridgeContainerd(parts: BridgeParts): Promise<void> {
  const { signal, say } = parts;
  const notes = new ConnectionNotes('containerd', say);
  const isStopped = () => signal.aborted;
  for (let failures = 0; !isStopped(); failures++) {
    const begun = performance.now();
    try {
      await followOnce(parts, notes);
      if (isStopped()) return;
      notes.disconnected(new FoghornError('UNAVAILABLE', 'it ended the subscription'));
    } catch (error) {
      if (!(error instanceof FoghornError) || error.code === 'UNIMPLEMENTED') throw error;
      notes.disconnected(error);
    }
    if (performance.now() - begun > STABLE_AFTER) failures = 0;
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}

/** Stores events for as long as one subscription lasts. */
async function followOnce(parts: BridgeParts, notes: ConnectionNotes): Promise<void> {
  const { source, sink, sinkNotes, state, signal, say } = parts;
  const events = source.subscribe([], {
    signal,
    onConnected: () => {
      notes.connected();
      sayWhereItBegins(parts);
    },
  });
  for await (const envelope of events) {
    if (!(await storeEnvelope(sink, envelope, sinkNotes, signal, say))) {
      say(`stopped before an event of ${envelope.topic} could be stored`);
      return;
    }
    state.advance(timeOf(envelope));
  }
}

/** containerd takes up a subscription a moment after the call stands, and does not tell when. */
const REGISTRATION = 1_000_000_000n;

/** containerd replays nothing, so what happened since the last event stored is in doubt. */
function sayWhereItBegins({ from, state, say }: BridgeParts): void {
  const now = wallClock();
  const { followedUntil } = state;
  say(
    followedUntil === undefined
      ? `recording the events of ${from} from now on`
      : `recording the events of ${from}; those between ${timeText(followedUntil)} and ${timeText(now + REGISTRATION)} may be missing`,
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
