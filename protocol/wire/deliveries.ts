import { ConsumeResponse, type Delivery } from '../../protos/gen/foghorn/v1/consumers.js';
import { fromZigzag } from './delivery-ids.js';
import { readEntry, type EntryMaker } from './entry.js';
import { WireReader } from './reader.js';

/** ConsumeResponse.deliveries. */
const BATCH_TAG = 0x12;
/** Deliveries.deliveries. */
const DELIVERY_TAG = 0x0a;
/** Delivery.entry, Delivery.event and Delivery.attempt. */
const ENTRY_TAG = 0x0a;
const EVENT_TAG = 0x10;
const ATTEMPT_TAG = 0x18;

/** Decodes a ConsumeResponse; throws for bytes that are none. */
export function decodeConsumeResponse(bytes: Buffer, make: EntryMaker): ConsumeResponse {
  return readBatch(new WireReader(bytes), make) ?? ConsumeResponse.decode(bytes);
}

/** Undefined for a response of another kind, or one that a broker writes in another form. */
function readBatch(reader: WireReader, make: EntryMaker): ConsumeResponse | undefined {
  const end = reader.bytes.length;
  if (!reader.over(BATCH_TAG, end) || reader.pos !== end) return undefined;
  reader.into();
  const deliveries: Delivery[] = [];
  while (reader.over(DELIVERY_TAG, end)) {
    const delivery = readDelivery(reader, make);
    if (delivery === undefined) return undefined;
    deliveries.push(delivery);
  }
  if (reader.pos !== end) return undefined;
  return { message: { $case: 'deliveries', value: { deliveries } } };
}

/** The delivery that the reader stepped over last. */
function readDelivery(reader: WireReader, make: EntryMaker): Delivery | undefined {
  const end = reader.into();
  if (!reader.over(ENTRY_TAG, end)) return undefined;
  const entryEnd = reader.end;
  const entry = readEntry(reader, make);
  if (entry === undefined || reader.pos !== entryEnd) return undefined;
  const event = BigInt(fromZigzag(reader.number(EVENT_TAG, end)));
  const attempt = reader.number(ATTEMPT_TAG, end);
  if (reader.pos !== end || attempt >= 2 ** 32) return undefined;
  return { entry, event, attempt };
}
