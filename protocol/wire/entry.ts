import type { Entry } from '../../protos/gen/foghorn/v1/history.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import type { TraceContext } from '../trace-context.js';
import { readAny } from './any.js';
import { EVENT_TAG, NAMESPACE_TAG, TIMESTAMP_TAG, TOPIC_TAG } from './envelope.js';
import type { WireReader } from './reader.js';
import { RecentTexts } from './recent-texts.js';
import { readTimestamp } from './timestamp.js';
import { decodeWhole, TRACE_TAG } from './trace.js';
import { varintSize, writeVarint } from './writer.js';

/*
 * foghorn.v1.Entry is an Envelope's fields and its trace, as they are stored, and after them its
 * own two.
 */
const CURSOR_TAG = (15001 << 3) | 2;
const DOCKER_EVENT_TAG = (15002 << 3) | 2;
const TAG_BYTES = varintSize(CURSOR_TAG);

/** Length of a cursor, in characters and in bytes. */
export const CURSOR_LENGTH = 26;

/** Size of tag, length and content of an entry's cursor. */
export const CURSOR_FIELD_BYTES = TAG_BYTES + 1 + CURSOR_LENGTH;

/** Writes the head of an entry's cursor; returns where the cursor itself begins. */
export function writeCursorHead(bytes: Uint8Array, at: number): number {
  const begin = writeVarint(bytes, at, CURSOR_TAG);
  bytes[begin] = CURSOR_LENGTH;
  return begin + 1;
}

/** Encodes the field with the event that Docker clients see, which follows the cursor. */
export function encodeDockerEvent(json: string): Uint8Array {
  const length = Buffer.byteLength(json);
  const bytes = Buffer.allocUnsafe(TAG_BYTES + varintSize(length) + length);
  bytes.write(json, writeVarint(bytes, writeVarint(bytes, 0, DOCKER_EVENT_TAG), length));
  return bytes;
}

const namespaces = new RecentTexts();
const topics = new RecentTexts();

/** Makes the entry of a reader from its fields. */
export type EntryMaker = (
  timestamp: Timestamp | undefined,
  namespace: string,
  topic: string,
  event: Any | undefined,
  cursor: string,
  dockerEvent: string | undefined,
  trace: TraceContext | undefined,
) => Entry;

/**
 * The entry that the reader stepped over last; undefined if a broker would write it differently.
 */
export function readEntry(reader: WireReader, make: EntryMaker): Entry | undefined {
  const end = reader.into();
  let timestamp: Timestamp | undefined;
  if (reader.over(TIMESTAMP_TAG, end)) {
    timestamp = readTimestamp(reader);
    if (timestamp === undefined) return undefined;
  }
  const namespace = reader.over(NAMESPACE_TAG, end) ? namespaces.read(reader) : '';
  const topic = reader.over(TOPIC_TAG, end) ? topics.read(reader) : '';
  let event: Any | undefined;
  if (reader.over(EVENT_TAG, end)) {
    event = readAny(reader);
    if (event === undefined) return undefined;
  }
  let trace: TraceContext | undefined;
  if (reader.over(TRACE_TAG, end)) {
    trace = decodeWhole(reader.content());
    if (trace === undefined) return undefined;
  }
  const cursor = reader.over(CURSOR_TAG, end) ? reader.text() : '';
  const dockerEvent = reader.over(DOCKER_EVENT_TAG, end) ? reader.text() : undefined;
  if (reader.pos !== end) return undefined;
  return make(timestamp, namespace, topic, event, cursor, dockerEvent, trace);
}
