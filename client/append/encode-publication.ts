import type { Publication } from '../../protos/gen/foghorn/v1/history.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { MOST_FRAMING, writeHead } from './write-head.js';

/*
 * A publication as an event of a foghorn.v1.AppendRequest, written straight into the message: every published event goes this
 * way, and the generated encoder copies it four times (see decision 20). The bytes are the same.
 */
const EVENT_TAG = 0x0a;
const PUBLISH_TAG = 0x0a;
const NAMESPACE_TAG = 0x0a;
const TOPIC_TAG = 0x12;
const PAYLOAD_TAG = 0x1a;
const PUBLISH_ID_TAG = 0x22;
const TYPE_URL_TAG = 0x0a;
const VALUE_TAG = 0x12;

/** How many lengths are written for one. */
const FRAMED = 8;

/** Whether it is one for `writePublication`: its fields have the types that they are declared with, and its texts are ASCII. */
export function isOrdinary({ namespace, topic, event, publishId }: Publication): boolean {
  return isAscii(namespace) && isAscii(topic) && isAscii(publishId) && isOrdinaryAny(event);
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

/** The bytes that an ordinary one takes at most. */
export function mostBytes({ namespace, topic, event, publishId }: Publication): number {
  const payload = event === undefined ? 0 : event.typeUrl.length + event.value.length;
  return namespace.length + topic.length + payload + publishId.length + FRAMED * MOST_FRAMING;
}

/** Writes an ordinary one where there is room for `mostBytes`; returns where it ends. */
export function writePublication(
  bytes: Uint8Array,
  begin: number,
  { namespace, topic, event, publishId }: Publication,
): number {
  const payloadSize =
    event === undefined ? 0 : textSize(event.typeUrl.length) + textSize(event.value.length);
  const size =
    textSize(namespace.length) +
    textSize(topic.length) +
    (event === undefined ? 0 : framedSize(payloadSize)) +
    textSize(publishId.length);
  let at = writeHead(bytes, begin, EVENT_TAG, framedSize(size));
  at = writeHead(bytes, at, PUBLISH_TAG, size);
  at = writeText(bytes, at, NAMESPACE_TAG, namespace);
  at = writeText(bytes, at, TOPIC_TAG, topic);
  if (event !== undefined) {
    at = writeHead(bytes, at, PAYLOAD_TAG, payloadSize);
    at = writeText(bytes, at, TYPE_URL_TAG, event.typeUrl);
    at = writeBytes(bytes, at, VALUE_TAG, event.value);
  }
  return writeText(bytes, at, PUBLISH_ID_TAG, publishId);
}

/** Empty fields are left out, as protobuf does. */
function textSize(length: number): number {
  return length === 0 ? 0 : framedSize(length);
}

function framedSize(length: number): number {
  let size = 2 + length;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) size += 1;
  return size;
}

function writeText(bytes: Uint8Array, begin: number, tag: number, text: string): number {
  if (text.length === 0) return begin;
  const at = writeHead(bytes, begin, tag, text.length);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeBytes(bytes: Uint8Array, begin: number, tag: number, value: Uint8Array): number {
  if (value.length === 0) return begin;
  const at = writeHead(bytes, begin, tag, value.length);
  bytes.set(value, at);
  return at + value.length;
}
