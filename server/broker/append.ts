import { FoghornError } from '../../protocol/errors.js';
import type { RequestedEnvelope } from '../../protocol/wire/event-requests.js';
import type { Clock } from '../../protocol/clock.js';
import type { CursorWriter } from '../events/cursor.js';
import type { Appended, EventStore, NewEntry } from '../history/store.js';
import { acceptForward, acceptPublish, type PublishedEvent } from './accept.js';

/** An event to be stored. */
export type NewEvent =
  | ({ readonly kind: 'publish' } & PublishedEvent)
  | { readonly kind: 'forward'; readonly envelope: RequestedEnvelope | undefined };

export type { Appended };

/** What became of events that were to be stored. */
export interface AppendedEvents {
  /** One for each event, in their order: its place, or why it was refused. */
  readonly results: readonly (Appended | FoghornError)[];
  /** Of the history that they were stored in. */
  readonly cursors: CursorWriter;
}

/**
 * Stores those events that are acceptable, next to each other and in their order; one that is an error already is its own
 * result. Resolves when they are durable. One that is refused, or a store that fails, is an error in the results and harms no other.
 */
export async function appendEach(
  events: readonly (NewEvent | FoghornError)[],
  store: EventStore,
  cursors: () => CursorWriter,
  clock: Clock,
): Promise<AppendedEvents> {
  const accepted = events.map((event) => accept(event, clock));
  const results = await storeAll(accepted, store);
  // Not asked before: those of the history that it was stored in.
  return { results, cursors: cursors() };
}

function accept(event: NewEvent | FoghornError, clock: Clock): NewEntry | FoghornError {
  if (event instanceof FoghornError) return event;
  try {
    return event.kind === 'publish' ? acceptPublish(event, clock()) : acceptForward(event.envelope);
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
    // Nearly always: nothing was refused.
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
