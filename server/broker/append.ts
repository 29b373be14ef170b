import { setImmediate } from 'node:timers/promises';
import { FoghornError } from '../../protocol/errors.js';
import type { Clock } from '../../protocol/clock.js';
import type { Caller } from '../access/caller.js';
import type { Quota } from '../access/quota.js';
import type { CursorWriter } from '../events/cursor.js';
import type { Appended, EventStore, NewEntry } from '../history/store.js';
import { acceptForward, acceptPublish } from './accept.js';
import type { BrokerReports } from './broker-reports.js';
import type { AppendedEvents, NewEvent } from './new-event.js';
import { storeEachInSpan } from './traced-append.js';

/**
 * Events of one message that are checked at once. Messages of more are not ordered among others.
 */
export const MAX_EVENTS_AT_ONCE = 8192;
/** Events of a larger message that are checked at once. */
const SLICE_EVENTS = 1024;

export type { Appended, AppendedEvents, NewEvent };

/**
 * Stores the acceptable events next to each other, in order. An event that is an error already is
 * its own result.
 *
 * Resolves when the events are durable. Throws RESOURCE_EXHAUSTED for a caller that may store
 * nothing now. A refused event, or a failing store, is an error in the results and affects no other
 * event.
 */
export async function appendEach(
  caller: Caller,
  events: readonly (NewEvent | FoghornError)[],
  store: EventStore,
  cursors: () => CursorWriter,
  clock: Clock,
  { refusedEvent, tracing }: Pick<BrokerReports, 'refusedEvent' | 'tracing'>,
): Promise<AppendedEvents> {
  if (tracing !== undefined) {
    return storeEachInSpan(tracing, events, (traced) =>
      appendEach(caller, traced, store, cursors, clock, { refusedEvent }),
    );
  }
  const { quota } = caller;
  quota?.checkIn();
  const isLarge = events.length > MAX_EVENTS_AT_ONCE;
  // The store gets messages in the order of the calls, so small ones must not wait.
  const accepted = isLarge
    ? await acceptInSlices(caller, events, clock)
    : events.map((event) => accept(caller, event, clock));
  if (quota !== undefined) countIn(quota, accepted);
  for (const one of accepted) if (isRefusal(one)) refusedEvent(one.code);
  const results = await storeAll(accepted, store);
  // Asked for after the append, because the history may have been replaced before it.
  return { results, cursors: cursors() };
}

function countIn(quota: Quota, accepted: readonly (NewEntry | FoghornError)[]): void {
  let events = 0;
  let bytes = 0;
  for (const one of accepted) {
    if (isRefusal(one)) continue;
    events += 1;
    bytes += one.bytes.length;
  }
  quota.countIn(events, bytes);
}

/** Checks many events without blocking other callers. */
async function acceptInSlices(
  caller: Caller,
  events: readonly (NewEvent | FoghornError)[],
  clock: Clock,
): Promise<(NewEntry | FoghornError)[]> {
  const accepted: (NewEntry | FoghornError)[] = [];
  for (const event of events) {
    if (accepted.length > 0 && accepted.length % SLICE_EVENTS === 0) await setImmediate();
    accepted.push(accept(caller, event, clock));
  }
  return accepted;
}

function accept(
  caller: Caller,
  event: NewEvent | FoghornError,
  clock: Clock,
): NewEntry | FoghornError {
  if (event instanceof FoghornError) return event;
  try {
    return event.kind === 'publish'
      ? acceptPublish(caller, event, event.time ?? clock())
      : acceptForward(caller, event.envelope);
  } catch (error) {
    if (error instanceof FoghornError) return error;
    throw error;
  }
}

async function storeAll(
  accepted: readonly (NewEntry | FoghornError)[],
  store: EventStore,
): Promise<readonly (Appended | FoghornError)[]> {
  const envelopes = accepted.filter((one): one is NewEntry => !isRefusal(one));
  try {
    const places = await store.append(envelopes);
    // The common case: no event was refused.
    if (places.length === accepted.length) return places;
    const each = places.values();
    return accepted.map((one) => (isRefusal(one) ? one : take(each)));
  } catch (error) {
    if (!(error instanceof FoghornError)) throw error;
    return accepted.map((one) => (isRefusal(one) ? one : error));
  }
}

function isRefusal(one: NewEntry | FoghornError): one is FoghornError {
  return one instanceof FoghornError;
}

function take<T>(values: Iterator<T, undefined>): T {
  const { value, done } = values.next();
  if (done) throw new Error('the store answered with fewer places than it was given envelopes');
  return value;
}
