import { toZigzag } from '../../../protocol/wire/delivery-ids.js';
import { varintSize, writeHead, writeVarint, fieldSize } from '../../../protocol/wire/writer.js';
import type { DeliveredEvent } from '../../consumers/member.js';

/*
 * ConsumeResponse.deliveries = 2; Deliveries.deliveries = 1; Delivery: entry = 1, event = 2 as
 * sint64, attempt = 3. Written by hand, so that stored bytes are not decoded and copied twice.
 */
const BATCH_TAG = 0x12;
const DELIVERY_TAG = 0x0a;
const ENTRY_TAG = 0x0a;
const EVENT_TAG = 0x10;
const ATTEMPT_TAG = 0x18;

/** Batches stay near this size, except for a single event that is larger. */
const BATCH_BYTES = 512 * 1024;

/** Encodes deliveries as foghorn.v1.ConsumeResponse messages of moderate size. */
export function* encodeDeliveries(events: readonly DeliveredEvent[]): Generator<Buffer> {
  let from = 0;
  let size = 0;
  for (const [at, { content }] of events.entries()) {
    if (at > from && size + content.wireBytes > BATCH_BYTES) {
      yield encodeBatch(events.slice(from, at));
      from = at;
      size = 0;
    }
    size += content.wireBytes;
  }
  yield encodeBatch(from === 0 ? events : events.slice(from));
}

function encodeBatch(events: readonly DeliveredEvent[]): Buffer {
  const sizes = events.map(sizeOf);
  let size = 0;
  for (const each of sizes) size += fieldSize(each);
  const bytes = Buffer.allocUnsafe(fieldSize(size));
  let at = writeHead(bytes, 0, BATCH_TAG, size);
  events.forEach(({ id, attempt, content }, i) => {
    at = writeHead(bytes, at, DELIVERY_TAG, sizes[i] ?? 0);
    at = writeHead(bytes, at, ENTRY_TAG, content.wireBytes);
    content.writeWire(bytes, at);
    at += content.wireBytes;
    bytes[at] = EVENT_TAG;
    at = writeVarint(bytes, at + 1, toZigzag(id));
    bytes[at] = ATTEMPT_TAG;
    at = writeVarint(bytes, at + 1, attempt);
  });
  return bytes;
}

function sizeOf({ id, attempt, content }: DeliveredEvent): number {
  return fieldSize(content.wireBytes) + 2 + varintSize(toZigzag(id)) + varintSize(attempt);
}
