import type { Envelope } from '../../protos/gen/containerd/types/event.js';
import { jsonFromMessage } from '../../protocol/json-value.js';
import type { MessageShape, PayloadField, ValueType } from '../../protocol/payload-shape.js';
import type { DecodedPayload, PayloadTypes } from '../../protocol/payload-types.js';
import { GO_ZERO_TIME } from '../../protocol/timestamp.js';
import { formatRfc3339, isValidInstant, utcParts } from '../../protocol/rfc3339.js';

/** The one field that is not a time and has no omitempty in 1.6. */
const ALWAYS_PRINTED: ReadonlySet<string> = new Set(['containerd.events.ContentDelete.digest']);

/**
 * Formats an event as `ctr events` of containerd 1.6 prints it, without the newline. Returns
 * undefined for an event that this command would skip: one with a payload of unknown type, a
 * payload that cannot be decoded, or an impossible time.
 */
export function formatCtr(
  { timestamp, namespace, topic, event }: Envelope,
  types: PayloadTypes,
): string | undefined {
  const parts = utcParts(timestamp ?? GO_ZERO_TIME, 'needed');
  const payload = event === undefined ? '' : payloadText(event, types);
  if (parts === undefined || payload === undefined) return undefined;
  return `${parts.date} ${parts.time}${parts.fraction} +0000 UTC ${namespace} ${topic} ${payload}`;
}

function payloadText(
  event: { typeUrl: string; value: Uint8Array },
  types: PayloadTypes,
): string | undefined {
  const type = types.find(event.typeUrl);
  if (type === undefined) return undefined;
  try {
    const message = type.decode(event.value);
    const { shape } = type;
    // Go's structpb formats itself.
    return shape.asValue.kind === 'json'
      ? jsonText(jsonFromMessage(message, shape.name))
      : messageText(shape, message);
  } catch {
    // The bytes are not such a message.
    return undefined;
  }
}

/**
 * Formats a message as Go's encoding/json formats the generated struct: omitempty except for times,
 * which containerd's structs always have. In our own messages a missing time is left out.
 */
function messageText(shape: MessageShape, message: DecodedPayload): string {
  let members = '';
  for (const field of shape.fields) {
    const text = fieldText(field, message[field.name], shape.name);
    if (text === undefined) continue;
    members += `${members === '' ? '' : ','}"${field.name}":${text}`;
  }
  return `{${members}}`;
}

function fieldText(field: PayloadField, value: unknown, message: string): string | undefined {
  if (Array.isArray(value)) {
    return value.length === 0
      ? undefined
      : `[${value.map((item) => valueText(field.type, item)).join(',')}]`;
  }
  if (field.type.kind === 'timestamp') {
    return value === null && message.startsWith('foghorn.') ? undefined : timeText(value);
  }
  if (!isEmpty(field.type, value)) return valueText(field.type, value);
  return ALWAYS_PRINTED.has(`${message}.${field.name}`) ? valueText(field.type, value) : undefined;
}

function isEmpty(type: ValueType, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  switch (type.kind) {
    case 'message':
    case 'any':
    case 'json':
    case 'duration':
    case 'wrapper':
      return false;
    case 'map':
      return Object.keys(value).length === 0;
    case 'bytes':
      return (value as Buffer).length === 0;
    case 'enum':
      return type.numbers.get(value as string) === 0;
    default:
      return value === '' || value === false || value === 0 || value === '0';
  }
}

function valueText(type: ValueType, value: unknown): string {
  switch (type.kind) {
    case 'string':
      return quote(value as string);
    case 'bytes':
      return quote((value as Buffer).toString('base64'));
    case 'enum':
      return String(type.numbers.get(value as string) ?? value);
    case 'timestamp':
      return timeText(value);
    case 'json':
      return jsonText(jsonFromMessage(value as DecodedPayload, type.message.name));
    case 'message':
    case 'any':
    case 'duration':
    case 'wrapper':
      return messageText(type.message, value as DecodedPayload);
    case 'map':
      return mapText(type.value.type, value as DecodedPayload);
    default:
      return String(value);
  }
}

function timeText(value: unknown): string {
  const { seconds, nanos } = (value as { seconds: string; nanos: number } | null) ?? GO_ZERO_TIME;
  const instant = { seconds: BigInt(seconds), nanos };
  if (!isValidInstant(instant)) throw new Error('a timestamp outside the years 1 to 9999');
  return quote(formatRfc3339(instant, 'needed') ?? '');
}

function mapText(value: ValueType, entries: DecodedPayload): string {
  return objectText(entries, (member) => valueText(value, member));
}

/** Formats an object with its members in Go's order. */
function objectText(object: DecodedPayload, text: (member: unknown) => string): string {
  const names = Object.keys(object).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${names.map((name) => `${quote(name)}:${text(object[name])}`).join(',')}}`;
}

function jsonText(json: unknown): string {
  if (typeof json === 'string') return quote(json);
  if (Array.isArray(json)) return `[${json.map(jsonText).join(',')}]`;
  if (typeof json !== 'object' || json === null) return String(json);
  return objectText(json as DecodedPayload, jsonText);
}

/**
 * Escapes of Go's encoding/json that JSON.stringify does not make: HTML characters and line
 * separators; \b and \f have another form.
 */
const GO_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['<', '\\u003c'],
  ['>', '\\u003e'],
  ['&', '\\u0026'],
  ['\u2028', '\\u2028'],
  ['\u2029', '\\u2029'],
  ['\\b', '\\u0008'],
  ['\\f', '\\u000c'],
]);

/** Texts that need no escapes, which are nearly all; a fast path. */
const PLAIN = /^[\x20!#-%'-;=?-[\]-~]*$/;

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    /\\.|[<>&\u2028\u2029]/g,
    (found) => GO_ESCAPES.get(found) ?? found,
  );
}
