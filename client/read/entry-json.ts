import type { Entry } from '../../protos/gen/foghorn/v1/history.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { traceMembers, type TraceContext } from '../../protocol/trace-context.js';
import { timestampJson } from '../../protocol/rfc3339.js';
import type { EntryMaker } from '../../protocol/wire/entry.js';
import { unpack } from '../pack.js';

/** The JSON of an entry, as `foghorn events --format json` and the HTTP API have it. */
export interface EntryJson {
  readonly cursor: string;
  /** RFC 3339 with nine fractional digits. */
  readonly timestamp?: unknown;
  readonly namespace: string;
  readonly topic: string;
  /**
   * `{"@type", …}` with the fields in snake_case of a type that `unpack` knows, otherwise
   * `{"type_url", "value": base64}`.
   */
  readonly event?: object;
  /** The trace that the event belongs to, as W3C Trace Context writes it. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** An entry that a client has read. `JSON.stringify` makes `EntryJson` of it. */
class ReadEntry implements Entry {
  constructor(
    public timestamp: Timestamp | undefined,
    public namespace: string,
    public topic: string,
    public event: Any | undefined,
    public cursor: string,
    public dockerEvent: string | undefined,
    public trace: TraceContext | undefined,
  ) {}

  toJSON(): EntryJson {
    const { cursor, timestamp, namespace, topic, event, trace } = this;
    return {
      cursor,
      ...(timestamp && { timestamp: timestampJson(timestamp) }),
      namespace,
      topic,
      ...(event && { event: payloadJson(event) }),
      ...traceMembers(trace),
    };
  }
}

function payloadJson(payload: Any): object {
  const { typeUrl, value } = payload;
  const unpacked = unpack(payload);
  if (unpacked !== undefined) return { '@type': typeUrl, ...fieldsJson(unpacked.value) };
  return { type_url: typeUrl, value: Buffer.from(value).toString('base64') };
}

/** Oneofs, which are left out while no member is set; unset messages are null. */
const CHOICES: ReadonlySet<string> = new Set(['observation']);

function fieldsJson(message: object): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message) as [string, unknown][]) {
    // The generated code joins the members of a oneof; JSON has the one that is set.
    if (CHOICES.has(name) && value === undefined) continue;
    if (isChoice(value)) json[snakeCase(value.$case)] = valueJson(value.value);
    else json[snakeCase(name)] = valueJson(value);
  }
  return json;
}

function valueJson(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(valueJson);
  if (value instanceof Map) {
    const members = [...(value as Map<string, unknown>)];
    return Object.fromEntries(members.map(([key, member]) => [key, valueJson(member)]));
  }
  if (isTimestamp(value)) return timestampJson(value);
  if ('typeUrl' in value) return payloadJson(value as Any);
  return fieldsJson(value);
}

function isTimestamp(value: object): value is Timestamp {
  return 'seconds' in value && 'nanos' in value;
}

function isChoice(value: unknown): value is { readonly $case: string; readonly value: unknown } {
  return typeof value === 'object' && value !== null && '$case' in value;
}

/** A field of containerd's content events that is not in snake_case. */
const MEDIA_TYPE = 'mediaType';

function snakeCase(name: string): string {
  if (name === MEDIA_TYPE) return name;
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Makes entries that have a JSON form. */
export const makeEntry: EntryMaker = (
  timestamp,
  namespace,
  topic,
  event,
  cursor,
  dockerEvent,
  trace,
) => new ReadEntry(timestamp, namespace, topic, event, cursor, dockerEvent, trace);
