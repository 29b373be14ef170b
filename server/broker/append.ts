import { FoghornError } from '../../protos/errors.js';
import type { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import type { Clock } from '../../protos/clock.js';
import type { CursorWriter } from '../events/cursor.js';
import type { EncodedEnvelope, EventStore } from '../history/store.js';
import { acceptForward, acceptPublish, type PublishedEvent } from './accept.js';

/** An event to be stored. */
export type NewEvent =
  | ({ readonly kind: 'publish' } & PublishedEvent)
  | { readonly kind: 'forward'; readonly envelope: OpaqueEnvelope | undefined };

/** Where an event is in history; for a duplicate, where the first one is. */
export interface StoredEvent {
  readonly cursor: string;
  readonly duplicate: boolean;
}

/**
 * Stores those events that are acceptable, next to each other and in their order. Resolves, when they are durable, with one
 * result for each: one that is refused, or a store that fails, is an error there and harms no other.
 */
export async function appendEach(
  events: readonly NewEvent[],
  store: EventStore,
  cursors: () => CursorWriter,
  clock: Clock,
): Promise<(StoredEvent | FoghornError)[]> {
  const accepted = events.map((event) => accept(event, clock));
  const envelopes = accepted.filter((one): one is EncodedEnvelope => !isRefusal(one));
  const stored = (await storeAll(envelopes, store, cursors)).values();
  return accepted.map((one) => (isRefusal(one) ? one : take(stored)));
}

function isRefusal(one: EncodedEnvelope | FoghornError): one is FoghornError {
  return one instanceof FoghornError;
}

function accept(event: NewEvent, clock: Clock): EncodedEnvelope | FoghornError {
  try {
    return event.kind === 'publish' ? acceptPublish(event, clock()) : acceptForward(event.envelope);
  } catch (error) {
    if (error instanceof FoghornError) return error;
    throw error;
  }
}

async function storeAll(
  envelopes: readonly EncodedEnvelope[],
  store: EventStore,
  cursors: () => CursorWriter,
): Promise<(StoredEvent | FoghornError)[]> {
  try {
    const appended = await store.append(envelopes);
    // Not asked before: those of the history that it was stored in.
    const writer = cursors();
    return appended.map(({ offset, fingerprint, duplicate }) => ({
      cursor: writer.cursor(offset, fingerprint),
      duplicate,
    }));
  } catch (error) {
    if (!(error instanceof FoghornError)) throw error;
    return envelopes.map(() => error);
  }
}

function take<T>(values: Iterator<T, undefined>): T {
  const { value, done } = values.next();
  if (done) throw new Error('the store answered with fewer places than it was given envelopes');
  return value;
}
