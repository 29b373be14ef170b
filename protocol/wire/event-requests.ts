import type { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import type { SubscribeRequest } from '../../protos/gen/containerd/services/events/v1/events.js';
import type { TraceContext } from '../trace-context.js';
import { readEncodedAny, type EncodedAny } from './any.js';
import { EVENT_TAG, NAMESPACE_TAG, TIMESTAMP_TAG, TOPIC_TAG } from './envelope.js';
import { WireReader } from './reader.js';
import { RecentTexts } from './recent-texts.js';
import { lastText, merged, strictFields } from './strict-fields.js';
import { readTimestamp } from './timestamp.js';
import { decodeTrace, readTrace, TRACE_TAG } from './trace.js';

/*
 * Requests of containerd's Events service. Payloads are carried as they came, but one that is not a
 * google.protobuf.Any would be an error to every subscriber that decodes its envelope. It is
 * therefore an error to its publisher, as with containerd: gRPC answers INTERNAL when these throw.
 *
 * Requests in the form that encoders write are read without making objects for their parts; any
 * other form is read strictly.
 */

/** Tags of PublishRequest. */
const PUBLISHED_TOPIC_TAG = 0x0a;
const PUBLISHED_EVENT_TAG = 0x12;
/** The tag of ForwardRequest's only field. */
const ENVELOPE_TAG = 0x0a;

const PUBLISH_REQUEST = { name: 'PublishRequest', fields: { 1: 'Topic', 2: 'Event' } };
const FORWARD_REQUEST = { name: 'ForwardRequest', fields: { 1: 'Envelope' } };
const ENVELOPE = {
  name: 'Envelope',
  fields: { 1: 'Timestamp', 2: 'Namespace', 3: 'Topic', 4: 'Event', 15003: 'Trace' },
};

const SUBSCRIBE_REQUEST = { name: 'SubscribeRequest', fields: { 1: 'Filters' } };

export interface RequestedPublish {
  readonly topic: string;
  readonly event: EncodedAny | undefined;
}

/** An envelope as a broker takes it, with its payload as bytes. */
export interface RequestedEnvelope {
  readonly timestamp: Timestamp | undefined;
  readonly namespace: string;
  readonly topic: string;
  readonly event: EncodedAny | undefined;
  readonly trace?: TraceContext;
}

export interface RequestedForward {
  readonly envelope: RequestedEnvelope | undefined;
}

const topics = new RecentTexts();
const namespaces = new RecentTexts();

/** Throws for bytes that are no PublishRequest. */
export function decodePublishRequest(bytes: Uint8Array): RequestedPublish {
  return readPublishRequest(bytes) ?? strictPublishRequest(bytes);
}

/** Undefined for a request in another form than encoders write. */
function readPublishRequest(bytes: Uint8Array): RequestedPublish | undefined {
  const reader = new WireReader(bytes);
  const topic = reader.over(PUBLISHED_TOPIC_TAG, bytes.length) ? topics.read(reader) : '';
  const event = reader.over(PUBLISHED_EVENT_TAG, bytes.length) ? reader.content() : undefined;
  if (reader.pos !== bytes.length) return undefined;
  return { topic, event: event && readEncodedAny(event) };
}

function strictPublishRequest(bytes: Uint8Array): RequestedPublish {
  const fields = strictFields(bytes, PUBLISH_REQUEST);
  const event = merged(fields.get(2));
  return { topic: lastText(fields.get(1)), event: event && readEncodedAny(event) };
}

/** Throws for bytes that are no ForwardRequest. */
export function decodeForwardRequest(bytes: Uint8Array): RequestedForward {
  const envelope = readForwardRequest(bytes);
  return envelope === undefined ? strictForwardRequest(bytes) : { envelope };
}

/** Undefined for a request in another form than encoders write. */
function readForwardRequest(bytes: Uint8Array): RequestedEnvelope | undefined {
  const reader = new WireReader(bytes);
  if (!reader.over(ENVELOPE_TAG, bytes.length) || reader.pos !== bytes.length) return undefined;
  const end = reader.into();
  if (!reader.over(TIMESTAMP_TAG, end)) return undefined;
  const timestamp = readTimestamp(reader);
  if (timestamp === undefined) return undefined;
  const namespace = reader.over(NAMESPACE_TAG, end) ? namespaces.read(reader) : '';
  const topic = reader.over(TOPIC_TAG, end) ? topics.read(reader) : '';
  const content = reader.over(EVENT_TAG, end) ? reader.content() : undefined;
  const trace = readTrace(reader, TRACE_TAG, end);
  if (reader.pos !== end) return undefined;
  const event = content && readEncodedAny(content);
  return trace === undefined
    ? { timestamp, namespace, topic, event }
    : { timestamp, namespace, topic, event, trace };
}

function strictForwardRequest(bytes: Uint8Array): RequestedForward {
  const envelope = merged(strictFields(bytes, FORWARD_REQUEST).get(1));
  if (envelope === undefined) return { envelope };
  const fields = strictFields(envelope, ENVELOPE);
  const timestamp = merged(fields.get(1));
  const event = merged(fields.get(4));
  const trace = decodeTrace(fields.get(15003)?.at(-1));
  return {
    envelope: {
      timestamp: timestamp && Timestamp.decode(timestamp),
      namespace: lastText(fields.get(2)),
      topic: lastText(fields.get(3)),
      event: event && readEncodedAny(event),
      ...(trace && { trace }),
    },
  };
}

/** Throws for bytes that are no SubscribeRequest. */
export function decodeSubscribeRequest(bytes: Uint8Array): SubscribeRequest {
  const filters = strictFields(bytes, SUBSCRIBE_REQUEST).get(1) ?? [];
  return { filters: filters.map((filter) => lastText([filter])) };
}

/** @param event the envelope's payload */
export function requestedEnvelope(
  { timestamp, namespace, topic, trace }: OpaqueEnvelope,
  event: EncodedAny | undefined,
): RequestedEnvelope {
  const context = decodeTrace(trace);
  return { timestamp, namespace, topic, event, ...(context && { trace: context }) };
}
