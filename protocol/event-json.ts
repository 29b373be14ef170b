import type { Any } from '../protos/gen/google/protobuf/any.js';
import type { Entry } from '../protos/gen/foghorn/v1/history.js';
import type { Envelope } from '../protos/gen/containerd/types/event.js';
import { anyFromJson, expectObject, invalid, timestampFromJson } from './payload-json.js';
import { formatProtoDuration } from './proto-duration.js';
import { jsonFromMessage } from './json-value.js';
import { hasOwnJson, wrappedField } from './payload-shape.js';
import type { MessageShape, ValueType } from './payload-shape.js';
import type { DecodedPayload, PayloadTypes } from './payload-types.js';
import { timestampJson } from './rfc3339.js';
import {
  traceContext,
  traceMembers,
  TRACEPARENT,
  TRACESTATE,
  type TraceContext,
} from './trace-context.js';

/**
 * Formats an entry as one line of JSON, without the newline. Times have nine fractional digits. A
 * payload of known type has all its fields, including defaults; another has its bytes:
 * {"type_url", "value": base64}.
 *
 * @param container what the history knows about the entry's container
 */
export function formatJson(entry: Entry, types: PayloadTypes, container?: object): string {
  return JSON.stringify({ ...eventJson(entry, types), ...(container && { container }) });
}

/** The object that `formatJson` writes. */
export function eventJson(entry: Entry, types: PayloadTypes): Readonly<Record<string, unknown>> {
  const { cursor, timestamp, namespace, topic, event, trace } = entry;
  return {
    cursor,
    ...(timestamp && { timestamp: timestampJson(timestamp) }),
    namespace,
    topic,
    ...(event && { event: payloadJson(event, types) }),
    ...traceMembers(trace),
  };
}

/** An envelope, with the trace that its event belongs to. */
export type ParsedEnvelope = Envelope & { readonly trace?: TraceContext };

/**
 * Parses an envelope from a line that `formatJson` wrote; ignores a cursor and a container.
 *
 * @throws FoghornError INVALID_ARGUMENT that names the field and the expected value.
 */
export function parseEnvelopeJson(line: string, types: PayloadTypes): ParsedEnvelope {
  return envelopeFromJson(parse(line), types);
}

/**
 * Makes an envelope from an object that `eventJson` made; ignores a cursor.
 *
 * @throws FoghornError INVALID_ARGUMENT that names the field and the expected value.
 */
export function envelopeFromJson(json: unknown, types: PayloadTypes): ParsedEnvelope {
  const envelope: Envelope = { timestamp: undefined, namespace: '', topic: '', event: undefined };
  const texts: Partial<TraceContext> = {};
  for (const [name, value] of Object.entries(expectObject(json, 'envelope'))) {
    if (value === null) continue;
    switch (name) {
      case 'cursor':
      case 'container':
        break;
      case 'timestamp':
        envelope.timestamp = timestampFromJson(value, name);
        break;
      case 'namespace':
      case 'topic':
        if (typeof value !== 'string') throw invalid(name, 'a string', value);
        envelope[name] = value;
        break;
      case 'event':
        envelope.event = anyFromJson(value, name, types);
        break;
      case TRACEPARENT:
      case TRACESTATE:
        if (typeof value !== 'string') throw invalid(name, 'a string', value);
        texts[name] = value;
        break;
      default:
        throw invalid(name, 'one of cursor, timestamp, namespace, topic, event, traceparent');
    }
  }
  const trace = traceContext(texts.traceparent, texts.tracestate);
  return trace === undefined ? envelope : { ...envelope, trace };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw invalid('envelope', `one JSON object per line (${(error as Error).message})`);
  }
}

/** A payload as an object: its fields if its type is known, otherwise its bytes. */
export function payloadJson({ typeUrl, value }: Any, types: PayloadTypes): unknown {
  const type = types.find(typeUrl);
  try {
    if (type !== undefined) {
      const { shape } = type;
      const message = type.decode(value);
      return hasOwnJson(shape)
        ? { '@type': typeUrl, value: valueToJson(shape.asValue, message, types) }
        : { '@type': typeUrl, ...messageToJson(shape, message, types) };
    }
  } catch {
    // Bytes that are not such a message are shown as base64.
  }
  return { type_url: typeUrl, value: Buffer.from(value).toString('base64') };
}

/**
 * The content of a payload without its type: the JSON value of a payload that is one, otherwise an
 * object of its fields. Undefined for a payload of unknown type.
 */
export function payloadContent(event: Any, types: PayloadTypes): unknown {
  const json = payloadJson(event, types) as Record<string, unknown>;
  const { '@type': type, ...fields } = json;
  if (typeof type !== 'string') return undefined;
  const shape = types.find(type)?.shape;
  return shape !== undefined && hasOwnJson(shape) ? json.value : fields;
}

function messageToJson(shape: MessageShape, message: DecodedPayload, types: PayloadTypes) {
  const members = shape.fields
    .filter(({ name }) => message[name] !== undefined)
    .map(({ name, type }) => {
      const value = message[name];
      const one = (item: unknown) => valueToJson(type, item, types);
      return [name, Array.isArray(value) ? value.map(one) : one(value)];
    });
  return Object.fromEntries(members) as Record<string, unknown>;
}

function valueToJson(type: ValueType, value: unknown, types: PayloadTypes): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'message':
      return messageToJson(type.message, value as DecodedPayload, types);
    case 'timestamp': {
      const { seconds, nanos } = value as { seconds: string; nanos: number };
      return timestampJson({ seconds: BigInt(seconds), nanos });
    }
    case 'duration': {
      const { seconds, nanos } = value as { seconds: string; nanos: number };
      return formatProtoDuration({ seconds: BigInt(seconds), nanos }) ?? value;
    }
    case 'wrapper': {
      const { name, type: wrapped } = wrappedField(type.message);
      return valueToJson(wrapped, (value as DecodedPayload)[name], types);
    }
    case 'json':
      return jsonFromMessage(value as object, type.message.name);
    case 'any': {
      const { type_url, value: bytes } = value as { type_url: string; value: Uint8Array };
      return payloadJson({ typeUrl: type_url, value: bytes }, types);
    }
    case 'map':
      return mapToJson(type.value.type, value as DecodedPayload, types);
    case 'bytes':
      return (value as Buffer).toString('base64');
    case 'float':
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    default:
      return value;
  }
}

function mapToJson(type: ValueType, entries: DecodedPayload, types: PayloadTypes) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [name, valueToJson(type, value, types)]),
  );
}
