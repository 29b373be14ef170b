import { nameBytes } from './name-bytes.js';
import { timestampSize, writeTimestamp } from './timestamp.js';
import { fieldSize, optionalFieldSize, writeHead, writeOptional } from './writer.js';

/** Tags of containerd.types.Envelope. foghorn.v1.Entry begins with the same fields. */
export const TIMESTAMP_TAG = 0x0a;
export const NAMESPACE_TAG = 0x12;
export const TOPIC_TAG = 0x1a;
export const EVENT_TAG = 0x22;

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * Encodes a containerd.types.Envelope into one buffer of the right size. The generated encoder
 * makes the same bytes by way of a dozen small arrays; every stored event goes through here
 * (decision 14).
 *
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
  const timestampBytes = timestampSize(seconds, nanos);
  const namespaceBytes = nameBytes(namespace);
  const topicBytes = nameBytes(topic);
  const bytes = Buffer.allocUnsafe(
    fieldSize(timestampBytes) +
      optionalFieldSize(namespaceBytes.length) +
      optionalFieldSize(topicBytes.length) +
      (event === undefined ? 0 : fieldSize(event.length)),
  );
  let at = writeHead(bytes, 0, TIMESTAMP_TAG, timestampBytes);
  at = writeTimestamp(bytes, at, seconds, nanos);
  at = writeOptional(bytes, at, NAMESPACE_TAG, namespaceBytes);
  at = writeOptional(bytes, at, TOPIC_TAG, topicBytes);
  if (event !== undefined) bytes.set(event, writeHead(bytes, at, EVENT_TAG, event.length));
  return bytes;
}
