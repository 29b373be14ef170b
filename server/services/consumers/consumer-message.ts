import type { Consumer } from '../../../protos/gen/foghorn/v1/consumers.js';
import type { ListParkedResponse } from '../../../protos/gen/foghorn/v1/consumers.js';
import { Entry } from '../../../protos/gen/foghorn/v1/history.js';
import type { Timestamp } from '../../../protos/gen/google/protobuf/timestamp.js';
import { durationFromMs, timestampFromNanos } from '../../../protocol/timestamp.js';
import { gapMessage } from '../history/read-response.js';
import { CursorWriter } from '../../events/cursor.js';
import { CONSUMER_LIMITS, type ParkedEvent } from '../../consumers/consumer-store.js';
import type { KnownConsumer } from '../../consumers/durable-consumers.js';
import { settingsMessage } from './settings.js';

/** @param last offset of the newest entry of the history, which has this epoch */
export function consumerMessage(
  { snapshot, active, isHoldExceeded }: KnownConsumer,
  { epoch, last }: { readonly epoch: string; readonly last: number },
): Consumer {
  const { name, owner, createdAt, settings, paused, counts, lastGap, inFlight, heldBack } =
    snapshot;
  const floor = active?.floor ?? snapshot.floor;
  const oldest = active?.oldestTime;
  const { acknowledged, failedTries, parked, parkedBytes, gaps, lostAtMost } = counts;
  return {
    ...{ name, owner, paused },
    createdAt: dateOf(createdAt),
    settings: settingsMessage(settings),
    floor: new CursorWriter(floor.epoch).cursor(floor.offset, floor.fingerprint),
    lag: BigInt(floor.epoch === epoch ? Math.max(0, last - floor.offset) : last),
    oldestUnacknowledged: oldest === undefined ? undefined : timestampFromNanos(oldest),
    inFlight: BigInt(inFlight),
    members: active?.members.count ?? 0,
    acknowledged: BigInt(acknowledged),
    failedDeliveries: BigInt(failedTries),
    parked: BigInt(parked),
    parkedBytes: BigInt(parkedBytes),
    parkedFull: parked >= CONSUMER_LIMITS.parked || parkedBytes >= CONSUMER_LIMITS.parkedBytes,
    gaps: BigInt(gaps),
    lostAtMost: BigInt(lostAtMost),
    lastGap: lastGap && gapMessage(lastGap),
    lastGapAt: lastGap && dateOf(lastGap.time),
    heldBack: BigInt(heldBack?.events ?? 0),
    holdExceeded: isHoldExceeded,
    heldBackFor: heldBack && durationFromMs(Math.ceil(heldBack.ms)),
  };
}

export function parkedMessage(event: ParkedEvent): ListParkedResponse {
  const { number, envelope, cursor, reason, time, tries, isReplaying } = event;
  return {
    number: BigInt(number),
    // An Entry is an Envelope with a cursor.
    entry: { ...Entry.decode(envelope), cursor },
    reason,
    parkedAt: dateOf(time),
    tries: tries.map((each) => ({ ...each, time: dateOf(each.time) })),
    replaying: isReplaying,
  };
}

function dateOf(ms: number): Timestamp {
  return timestampFromNanos(BigInt(Math.round(ms)) * 1_000_000n);
}
