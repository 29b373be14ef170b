import {
  OpaqueForwardRequest,
  OpaquePublishRequest,
  type OpaqueEnvelope,
} from '../../protos/gen/foghorn/v1/envelope.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { readEncodedAny, type EncodedAny } from './any.js';
import { WireReader } from './reader.js';
import { RecentTexts } from './recent-texts.js';

/*
 * Requests of containerd's Events service. Payloads are carried as they came, but one that is not a
 * google.protobuf.Any would be an error to every subscriber that decodes its envelope. It is
 * therefore an error to its publisher, as with containerd: gRPC answers INTERNAL when these throw.
 */

/** Tags of PublishRequest. */
const TOPIC_TAG = 0x0a;
const EVENT_TAG = 0x12;

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
}

export interface RequestedForward {
  readonly envelope: RequestedEnvelope | undefined;
}

const topics = new RecentTexts();

/** Throws for bytes that are no PublishRequest. */
export function decodePublishRequest(bytes: Uint8Array): RequestedPublish {
  const { topic, event } = readPublishRequest(bytes) ?? OpaquePublishRequest.decode(bytes);
  return { topic, event: event && readEncodedAny(event) };
}

/** Undefined for a request in another form than encoders write. */
function readPublishRequest(bytes: Uint8Array): OpaquePublishRequest | undefined {
  const reader = new WireReader(bytes);
  const topic = reader.over(TOPIC_TAG, bytes.length) ? topics.read(reader) : '';
  const event = reader.over(EVENT_TAG, bytes.length) ? reader.content() : undefined;
  return reader.pos === bytes.length ? { topic, event } : undefined;
}

/** Throws for bytes that are no ForwardRequest. */
export function decodeForwardRequest(bytes: Uint8Array): RequestedForward {
  const { envelope } = OpaqueForwardRequest.decode(bytes);
  const event = envelope?.event && readEncodedAny(envelope.event);
  return { envelope: envelope && requestedEnvelope(envelope, event) };
}

/** @param event the envelope's payload */
export function requestedEnvelope(
  { timestamp, namespace, topic }: OpaqueEnvelope,
  event: EncodedAny | undefined,
): RequestedEnvelope {
  return { timestamp, namespace, topic, event };
}
