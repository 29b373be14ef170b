import type { Publication } from '../../protos/gen/foghorn/v1/history.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { FoghornError } from '../errors.js';
import type { TraceContext } from '../trace-context.js';
import { anySize, readOrdinaryAny, readPayload, writeAny, type EncodedAny } from './any.js';
import type { WireReader } from './reader.js';
import { RecentTexts } from './recent-texts.js';
import { readTrace } from './trace.js';
import { fieldSize, optionalFieldSize, writeHead, writeOptionalAscii } from './writer.js';

/** Tags of foghorn.v1.Publication. */
const NAMESPACE_TAG = 0x0a;
const TOPIC_TAG = 0x12;
const PAYLOAD_TAG = 0x1a;
const PUBLISH_ID_TAG = 0x22;
const TRACE_TAG = 0x2a;

/**
 * Whether `writePublication` can write it: fields of their declared types, texts in ASCII, and no
 * trace.
 */
export function isOrdinary({ namespace, topic, event, publishId, trace }: Publication): boolean {
  return (
    isAscii(namespace) &&
    isAscii(topic) &&
    isAscii(publishId) &&
    trace === undefined &&
    isOrdinaryAny(event)
  );
}

function isOrdinaryAny(event: Partial<Any> | null | undefined): boolean {
  if (event === undefined) return true;
  return event !== null && isAscii(event.typeUrl) && event.value instanceof Uint8Array;
}

function isAscii(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Size of the payload of an ordinary publication. */
export function payloadSize({ event }: Publication): number {
  return event === undefined ? 0 : anySize(event);
}

/** Size of an ordinary publication. @param payloadBytes its `payloadSize` */
export function publicationSize(
  { namespace, topic, event, publishId }: Publication,
  payloadBytes: number,
): number {
  return (
    optionalFieldSize(namespace.length) +
    optionalFieldSize(topic.length) +
    (event === undefined ? 0 : fieldSize(payloadBytes)) +
    optionalFieldSize(publishId.length)
  );
}

/** Writes an ordinary publication; returns where it ends. @param payloadBytes its `payloadSize` */
export function writePublication(
  bytes: Uint8Array,
  begin: number,
  { namespace, topic, event, publishId }: Publication,
  payloadBytes: number,
): number {
  let at = writeOptionalAscii(bytes, begin, NAMESPACE_TAG, namespace);
  at = writeOptionalAscii(bytes, at, TOPIC_TAG, topic);
  if (event !== undefined) {
    at = writeHead(bytes, at, PAYLOAD_TAG, payloadBytes);
    at = writeAny(bytes, at, event);
  }
  return writeOptionalAscii(bytes, at, PUBLISH_ID_TAG, publishId);
}

/** A publication as a broker takes it, with its payload and its id as bytes. */
export interface RequestedPublication {
  readonly kind: 'publish';
  /** May be empty. */
  readonly namespace: string;
  readonly topic: string;
  readonly event: EncodedAny | undefined;
  /** UTF-8; empty for none. */
  readonly publishId: Uint8Array;
  readonly trace?: TraceContext;
}

const NO_ID = new Uint8Array();

const names = new RecentTexts();

/**
 * The publication that the reader stepped over last; an INVALID_ARGUMENT error if its payload is
 * not an Any; undefined if it has another form than encoders write.
 */
export function readPublication(
  reader: WireReader,
): RequestedPublication | FoghornError | undefined {
  const end = reader.into();
  const namespace = reader.over(NAMESPACE_TAG, end) ? names.read(reader) : '';
  const topic = reader.over(TOPIC_TAG, end) ? names.read(reader) : '';
  let event: EncodedAny | FoghornError | undefined;
  if (reader.over(PAYLOAD_TAG, end)) {
    const bytes = reader.content();
    const payloadEnd = reader.into();
    event = readOrdinaryAny(reader, bytes) ?? readPayload(bytes);
    reader.pos = payloadEnd;
  }
  const publishId = reader.over(PUBLISH_ID_TAG, end) ? reader.content() : NO_ID;
  const trace = readTrace(reader, TRACE_TAG, end);
  if (reader.pos !== end) return undefined;
  if (event instanceof FoghornError) return event;
  // An object without the member where there is no trace, because this is made for each event.
  return trace === undefined
    ? { kind: 'publish', namespace, topic, event, publishId }
    : { kind: 'publish', namespace, topic, event, publishId, trace };
}
