import { checkMay, EVERY_NAMESPACE, seesWholeBroker, type Caller } from '../../access/caller.js';
import type { KnownConsumer } from '../../consumers/durable-consumers.js';
import { parseCursor } from '../../events/cursor.js';
import type { BrokerActivity } from '../../metrics/activity.js';
import type { SpooledEvents } from '../../recorders/attached-recorder.js';
import type { KnownRecorder } from '../../recorders/recorders.js';
import { sendJson } from '../answer.js';
import type { HttpRoute } from '../route.js';
import type { HttpApi } from './api.js';
import { timeJson } from './describe.js';
import { checkNames } from './query.js';

const NANOS_PER_MS = 1_000_000n;

/**
 * Routes for operators: `/v1/broker`, how fast it stores and how much space there is,
 * `/v1/recorders` and `/v1/consumers`.
 */
export function operationRoutes(api: HttpApi): readonly HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/broker',
      answer: async ({ response, query, caller }) => {
        checkNames(query, []);
        if (!seesWholeBroker(caller)) checkMay(caller, 'admin', EVERY_NAMESPACE);
        sendJson(response, activityJson(await api.activity()));
      },
    },
    {
      method: 'GET',
      path: '/v1/recorders',
      answer: ({ response, query, caller }) => {
        checkNames(query, []);
        const known = api.recorders.known.filter((each) => maySee(caller, each));
        sendJson(response, { recorders: known.map(recorderJson) });
      },
    },
    {
      method: 'GET',
      path: '/v1/consumers',
      answer: async ({ response, query, caller }) => {
        checkNames(query, []);
        const known = await api.consumers.list(caller);
        const newest = parseCursor((await api.broker.positionOf({ kind: 'now' })).cursor);
        sendJson(response, { consumers: known.map((each) => consumerJson(each, newest)) });
      },
    },
  ];
}

type Histogram = BrokerActivity['appends'];

function activityJson(activity: BrokerActivity): object {
  const { appends, flushes, checkpoints, redis, disk, headroomSeconds, openWaits } = activity;
  return {
    append_seconds: histogramJson(appends),
    flush_seconds: histogramJson(flushes),
    checkpoint_seconds: histogramJson(checkpoints),
    redis: redis
      ? { round_trip_seconds: histogramJson(redis.roundTrips), reconnects: redis.reconnects }
      : null,
    disk: disk ?? null,
    headroom_seconds: headroomSeconds ?? null,
    open_waits: openWaits,
  };
}

function histogramJson({ bounds, counts, sum }: Histogram): object {
  return { bounds, counts, sum };
}

/** A recorder of all namespaces is for callers who may see all of them. */
function maySee(caller: Caller, { daemon: { namespace } }: KnownRecorder): boolean {
  return namespace === undefined ? seesWholeBroker(caller) : caller.readable.has(namespace);
}

function recorderJson({ daemon, state, since, reported }: KnownRecorder): object {
  const { kind, namespace } = daemon;
  return {
    ...{ kind, namespace: namespace ?? null, state, since: msJson(since) },
    reason: reported === undefined || reported.isFollowing ? null : reported.reason,
    missed_spans: reported?.missedSpans ?? null,
    spool: reported ? spoolJson(reported.spool) : null,
  };
}

function spoolJson({ entries, bytes, oldest }: SpooledEvents): object {
  return { entries, bytes, oldest: oldest === undefined ? null : msJson(oldest) };
}

function consumerJson(
  { snapshot, active, isHoldExceeded }: KnownConsumer,
  newest: { readonly epoch: string; readonly offset: number },
): object {
  const { name, owner, createdAt, settings, paused, counts, inFlight } = snapshot;
  const floor = active?.floor ?? snapshot.floor;
  const isOfThisHistory = floor.epoch === newest.epoch;
  return {
    ...{ name, owner, paused },
    created_at: msJson(createdAt),
    filters: settings.filters,
    members: active?.members.count ?? 0,
    lag: isOfThisHistory ? Math.max(0, newest.offset - floor.offset) : newest.offset,
    oldest_unacknowledged: timeJson(active?.oldestTime),
    in_flight: inFlight,
    acknowledged: counts.acknowledged,
    failed_deliveries: counts.failedTries,
    parked: counts.parked,
    gaps: counts.gaps,
    lost_at_most: counts.lostAtMost,
    hold_bytes: settings.holdBytes ?? 0,
    hold_exceeded: isHoldExceeded,
  };
}

function msJson(ms: number): string | null {
  return timeJson(BigInt(Math.round(ms)) * NANOS_PER_MS);
}
