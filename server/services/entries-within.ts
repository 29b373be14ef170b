import { FoghornError } from '../../protocol/errors.js';
import { excerpt } from '../../protocol/excerpt.js';
import { MAX_QUOTED_LENGTH } from '../../protocol/limits.js';
import { timestampFromNanos } from '../../protocol/timestamp.js';
import { Entry, OversizedEvent } from '../../protos/gen/foghorn/v1/history.js';
import type { MessageSource } from '../broker/message-source.js';
import type { SubscriptionMessage } from '../broker/subscription-message.js';
import type { DeliveredView } from '../broker/view-type.js';
import type { EventView } from '../events/event-view.js';

/** Smallest limit: a stub is smaller, whatever topic and type its event has. */
const MIN_MAX_BYTES = 16 * 1024;

const OVERSIZED_TYPE = 'foghorn.v1.OversizedEvent';

/** Stands for an entry that is too large for its reader: the same event without its payload. */
class OversizedEntry {
  readonly wire: Uint8Array;

  constructor(entry: EventView, entryBytes: number) {
    const topic = entry.field(['topic']) ?? '';
    const typeUrl = excerpt(entry.payload?.typeUrl ?? '', MAX_QUOTED_LENGTH);
    const stub = OversizedEvent.encode({ entryBytes: BigInt(entryBytes), typeUrl }).finish();
    this.wire = Entry.encode({
      timestamp: timestampFromNanos(entry.timestamp),
      namespace: entry.namespace,
      topic: excerpt(topic, MAX_QUOTED_LENGTH),
      event: { typeUrl: OVERSIZED_TYPE, value: Buffer.from(stub) },
      cursor: entry.cursor,
      dockerEvent: undefined,
    }).finish();
  }

  get wireBytes(): number {
    return this.wire.length;
  }

  writeWire(into: Uint8Array, at: number): void {
    into.set(this.wire, at);
  }
}

/**
 * Returns the source with each entry above a size replaced by a stub, so that a client with a limit
 * for messages gets past it; the source itself where there is no limit.
 *
 * @param maxBytes of an encoded foghorn.v1.Entry; Infinity for no limit
 */
export function entriesWithin<View extends DeliveredView>(
  maxBytes: number,
  source: MessageSource<SubscriptionMessage<View>>,
  entryOf: (view: View) => EventView,
): MessageSource<SubscriptionMessage<View | OversizedEntry>> {
  if (maxBytes === Infinity) return source;
  const within = (view: View): View | OversizedEntry =>
    view.wireBytes <= maxBytes ? view : new OversizedEntry(entryOf(view), view.wireBytes);
  return {
    get onReady() {
      return source.onReady;
    },
    set onReady(callback) {
      source.onReady = callback;
    },
    get onEvicted() {
      return source.onEvicted;
    },
    set onEvicted(callback) {
      source.onEvicted = callback;
    },
    get closed() {
      return source.closed;
    },
    take: () => {
      const message = source.take();
      if (message?.kind !== 'entries') return message;
      return { ...message, entries: message.entries.map(within) };
    },
    close: () => {
      source.close();
    },
  };
}

/** Throws INVALID_ARGUMENT for a limit that not even a stub fits in. */
export function checkedMaxBytes(name: string, bytes: number): number {
  if (Number.isInteger(bytes) && bytes >= MIN_MAX_BYTES) return bytes;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `${name}: expected a number of bytes of at least ${MIN_MAX_BYTES}`,
  );
}
