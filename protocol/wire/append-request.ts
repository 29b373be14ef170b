import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { OpaqueAppendRequest, OpaqueNewEvent } from '../../protos/gen/foghorn/v1/envelope.js';
import type { Publication } from '../../protos/gen/foghorn/v1/history.js';
import { FoghornError } from '../errors.js';
import { readPayload } from './any.js';
import { requestedEnvelope, type RequestedEnvelope } from './event-requests.js';
import {
  payloadSize,
  publicationSize,
  readPublication,
  writePublication,
  type RequestedPublication,
} from './publication.js';
import { WireReader } from './reader.js';
import { decodeTrace } from './trace.js';
import { fieldSize, MAX_HEAD_BYTES, writeHead } from './writer.js';

/*
 * foghorn.v1.AppendRequest, by which every event is published. A request of publications with their
 * fields in order is written and read by hand; the generated code, which copies each event several
 * times, has the rest (decision 20). The bytes are the same.
 */

/** AppendRequest.events. */
const EVENT_TAG = 0x0a;
const EVENT_FIELD = EVENT_TAG >>> 3;
/** NewEvent.publish and NewEvent.forward. */
const PUBLISH_TAG = 0x0a;
const FORWARD_TAG = 0x12;

/** Upper bound of the heads written for one publication: three of messages, and five of fields. */
const MAX_HEADS = 8;

/** Upper bound of the size of an ordinary publication (see `isOrdinary`) as an event. */
export function maxPublishEventSize(publication: Publication): number {
  const { namespace, topic, event, publishId } = publication;
  const payload = event === undefined ? 0 : event.typeUrl.length + event.value.length;
  const content = namespace.length + topic.length + payload + publishId.length;
  return content + MAX_HEADS * MAX_HEAD_BYTES;
}

/** Writes an ordinary publication as an event of a request; returns where it ends. */
export function writePublishEvent(
  bytes: Uint8Array,
  begin: number,
  publication: Publication,
): number {
  const payloadBytes = payloadSize(publication);
  const size = publicationSize(publication, payloadBytes);
  let at = writeEventHead(bytes, begin, fieldSize(size));
  at = writeHead(bytes, at, PUBLISH_TAG, size);
  return writePublication(bytes, at, publication, payloadBytes);
}

/** Writes an encoded envelope as an event of a request; returns where it ends. */
export function writeForwardEvent(bytes: Uint8Array, begin: number, envelope: Uint8Array): number {
  const { length } = envelope;
  const at = writeHead(bytes, writeEventHead(bytes, begin, fieldSize(length)), FORWARD_TAG, length);
  bytes.set(envelope, at);
  return at + length;
}

/** Writes the head of an event of a request; returns where its encoded NewEvent begins. */
export function writeEventHead(bytes: Uint8Array, at: number, size: number): number {
  return writeHead(bytes, at, EVENT_TAG, size);
}

/** An event that a request asks a broker to store. */
export type RequestedEvent =
  RequestedPublication | { readonly kind: 'forward'; readonly envelope: RequestedEnvelope };

/** Requests of more events decode them when they are asked for, to do it in slices. */
const MAX_EVENTS_AT_ONCE = 8192;
/** An event has at least a tag and a length. */
const MIN_EVENT_BYTES = 2;

export interface DecodedAppendRequest {
  /** Number of events. */
  readonly count: number;
  /** Size of the encoded request. */
  readonly bytes: number;
  /**
   * Some of the events, in the order of the request; an INVALID_ARGUMENT error stands for an event
   * that cannot be understood. Throws INTERNAL for bytes that are no event, where there are many.
   */
  events(from: number, to: number): readonly (RequestedEvent | FoghornError)[];
}

/** Throws for bytes that are no AppendRequest. */
export function decodeAppendRequest(bytes: Buffer): DecodedAppendRequest {
  const publications = readPublications(bytes);
  if (publications !== undefined) return decoded(publications, bytes.length);
  const mayBeMany = bytes.length > MAX_EVENTS_AT_ONCE * MIN_EVENT_BYTES;
  const encoded = mayBeMany ? encodedEvents(bytes) : [];
  if (encoded.length <= MAX_EVENTS_AT_ONCE) {
    const { events } = OpaqueAppendRequest.decode(bytes);
    return decoded(events.map(requestedEvent), bytes.length);
  }
  return {
    count: encoded.length,
    bytes: bytes.length,
    events: (from, to) => encoded.slice(from, to).map(decodeEvent),
  };
}

function decoded(
  events: readonly (RequestedEvent | FoghornError)[],
  bytes: number,
): DecodedAppendRequest {
  const { length } = events;
  return {
    count: length,
    bytes,
    events: (from, to) => (from === 0 && to >= length ? events : events.slice(from, to)),
  };
}

/** The bytes of each event. */
function encodedEvents(bytes: Buffer): Uint8Array[] {
  const events: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === EVENT_FIELD && wireType === WireType.LengthDelimited) events.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return events;
}

function decodeEvent(bytes: Uint8Array): RequestedEvent | FoghornError {
  let event: OpaqueNewEvent;
  try {
    event = OpaqueNewEvent.decode(bytes);
  } catch (error) {
    const text = `the request cannot be decoded: ${(error as Error).message}`;
    throw new FoghornError('INTERNAL', text, { cause: error });
  }
  return requestedEvent(event);
}

/**
 * Undefined when the request has anything but publications in the form that encoders write, or many
 * of them.
 */
function readPublications(bytes: Buffer): (RequestedEvent | FoghornError)[] | undefined {
  const reader = new WireReader(bytes);
  const events: (RequestedEvent | FoghornError)[] = [];
  while (reader.over(EVENT_TAG, bytes.length)) {
    const end = reader.into();
    if (!reader.over(PUBLISH_TAG, end) || reader.pos !== end) return undefined;
    const event = readPublication(reader);
    if (event === undefined || events.length === MAX_EVENTS_AT_ONCE) return undefined;
    events.push(event);
  }
  return reader.pos === bytes.length ? events : undefined;
}

function requestedEvent({ event }: OpaqueNewEvent): RequestedEvent | FoghornError {
  if (event === undefined) {
    const text = 'expected an event to publish or an envelope to forward';
    return FoghornError.refusal('INVALID_ARGUMENT', text);
  }
  const payload = event.value.event && readPayload(event.value.event);
  if (payload instanceof FoghornError) return payload;
  if (event.$case === 'forward') {
    return { kind: 'forward', envelope: requestedEnvelope(event.value, payload) };
  }
  const { namespace, topic, publishId } = event.value;
  const trace = decodeTrace(event.value.trace);
  return {
    kind: 'publish',
    namespace,
    topic,
    event: payload,
    publishId: Buffer.from(publishId),
    ...(trace && { trace }),
  };
}
