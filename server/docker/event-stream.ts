import { FoghornError } from '../../protocol/errors.js';
import { checkMay, type Caller } from '../access/caller.js';
import type { SubscriptionOptions, SubscriptionStart } from '../broker/read-options.js';
import type { Gap, SubscriptionMessage } from '../broker/subscription-message.js';
import { parseCursor } from '../events/cursor.js';
import type { DockerNews } from './docker-news.js';
import type { DockerSource } from './docker-source.js';
import type { EventFilters } from './event-filters.js';
import type { EventQuery } from './event-query.js';
import { PastBoundary } from './past-boundary.js';
import { ShownEvent } from './shown-event.js';

/**
 * Opens the stream of events that one client asked for, in batches: past events, then live ones.
 * Iterate it once; leave the iteration or abort the signal to end it.
 *
 * @param onEvicted see `MessageSource.onEvicted`
 *
 * Resolves when the stream misses nothing any more. Throws OUT_OF_RANGE if the position of the
 * cursor is gone, PERMISSION_DENIED, and UNAVAILABLE. The iteration throws the same if it cannot
 * deliver everything.
 */
export async function openEventStream(
  source: DockerSource,
  caller: Caller,
  query: EventQuery,
  signal: AbortSignal,
  onEvicted: () => void,
): Promise<AsyncIterable<readonly ShownEvent[]>> {
  const { broker, events, recorders, namespace } = source;
  checkMay(caller, 'read', namespace);
  // The past reaches up to now, so it has to be stored first.
  if (query.pastOnly) await recorders.bringUpToDate({ namespace });
  const options = readOptions(query, source);
  const subscription = await broker.subscribeTo(caller, events, options, signal);
  subscription.onEvicted = onEvicted;
  return batches(subscription, (gap) => {
    events.onGap(gap);
  });
}

/** The epoch of the history that events come from. */
export async function historyEpoch({ broker }: DockerSource): Promise<string> {
  return parseCursor((await broker.positionOf({ kind: 'now' })).cursor).epoch;
}

async function* batches(
  messages: AsyncIterable<SubscriptionMessage<DockerNews>>,
  onGap: (gap: Gap) => void,
): AsyncGenerator<readonly ShownEvent[], void, undefined> {
  for await (const message of messages) {
    if (message.kind === 'gap') onGap(message);
    else if (message.kind === 'end') checkEnd(message);
    else if (message.kind === 'entries') yield message.entries.filter(isEvent);
  }
}

function isEvent(view: DockerNews): view is ShownEvent {
  return view instanceof ShownEvent;
}

/** dockerd ends the streams of live clients without an error. */
function checkEnd({ reason, wasLive }: SubscriptionMessage<DockerNews> & { kind: 'end' }): void {
  if (reason === 'gap')
    throw new FoghornError('OUT_OF_RANGE', 'the next events were removed by retention');
  if (reason === 'shutdown' && !wasLive) {
    throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
  }
}

function readOptions(query: EventQuery, source: DockerSource): SubscriptionOptions<EventFilters> {
  const { namespace, recorders } = source;
  const { filters, until, pastOnly, limit, withCursors } = query;
  const { fullId } = filters;
  return {
    filter: filters,
    scope:
      fullId === undefined
        ? undefined
        : { key: { namespace, container: fullId }, lifecycleOnly: false },
    start: startOf(query.start, source),
    until,
    // The past is brought up to date before the stream is opened.
    ...(!pastOnly && { beforeEnd: () => recorders.bringUpToDate({ namespace }) }),
    stopWhenCaughtUp: pastOnly,
    limit,
    // Docker's API cannot express a gap, but a client that resumes by cursors has to notice it.
    onGap: withCursors ? 'fail' : 'continue',
  };
}

function startOf(start: EventQuery['start'], source: DockerSource): SubscriptionStart {
  if (start === undefined) return { kind: 'now', past: new PastBoundary(source) };
  if (start === 'earliest') return { kind: 'earliest' };
  return 'since' in start
    ? { kind: 'since', time: start.since }
    : { kind: 'after', cursor: start.after };
}
