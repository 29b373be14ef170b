import { nameBytes } from './name-bytes.js';
import { varintSize, writeVarint } from './varint.js';

/*
 * containerd.types.Envelope, written field by field into one buffer of the right size: every event goes this way, and the
 * generated encoder makes a dozen small arrays of it (see decision 14). The bytes are the same.
 */
const TIMESTAMP_TAG = 0x0a;
const NAMESPACE_TAG = 0x12;
const TOPIC_TAG = 0x1a;
const EVENT_TAG = 0x22;
const SECONDS_TAG = 0x08;
const NANOS_TAG = 0x10;

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * @param time ns since 1970, in the years 1 to 9999
 * @param event an encoded google.protobuf.Any
 */
export function encodeEnvelope(
  time: bigint,
  namespace: string,
  topic: string,
  event: Uint8Array | undefined,
): Buffer {
  const rest = Number(time % NANOS_PER_SECOND);
  const isBefore1970 = rest < 0;
  const seconds = Number(time / NANOS_PER_SECOND) - (isBefore1970 ? 1 : 0);
  const nanos = isBefore1970 ? rest + 1e9 : rest;
  const timestampBytes = fieldSize(seconds) + fieldSize(nanos);
  const namespaceBytes = nameBytes(namespace);
  const topicBytes = nameBytes(topic);
  const bytes = Buffer.allocUnsafe(
    2 +
      timestampBytes +
      textSize(namespaceBytes.length) +
      textSize(topicBytes.length) +
      (event === undefined ? 0 : 1 + varintSize(event.length) + event.length),
  );
  bytes[0] = TIMESTAMP_TAG;
  bytes[1] = timestampBytes;
  let at = writeNumber(bytes, 2, SECONDS_TAG, seconds);
  at = writeNumber(bytes, at, NANOS_TAG, nanos);
  at = writeText(bytes, at, NAMESPACE_TAG, namespaceBytes);
  at = writeText(bytes, at, TOPIC_TAG, topicBytes);
  if (event !== undefined) {
    at = writeVarint(bytes, writeByte(bytes, at, EVENT_TAG), event.length);
    bytes.set(event, at);
  }
  return bytes;
}

/** Zeros and empty texts are left out, as protobuf does. */
function fieldSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

function textSize(length: number): number {
  return length === 0 ? 0 : 1 + varintSize(length) + length;
}

function writeByte(bytes: Buffer, at: number, byte: number): number {
  bytes[at] = byte;
  return at + 1;
}

function writeNumber(bytes: Buffer, at: number, tag: number, value: number): number {
  return value === 0 ? at : writeVarint(bytes, writeByte(bytes, at, tag), value);
}

function writeText(bytes: Buffer, at: number, tag: number, text: Uint8Array): number {
  if (text.length === 0) return at;
  const begin = writeVarint(bytes, writeByte(bytes, at, tag), text.length);
  bytes.set(text, begin);
  return begin + text.length;
}
