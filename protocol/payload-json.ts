import { FoghornError } from './errors.js';
import { excerpt } from './excerpt.js';
import { DURATION_EXPECTED, isValidDuration, parseProtoDuration } from './proto-duration.js';
import { messageFromJson } from './json-value.js';
import { hasOwnJson, wrappedField } from './payload-shape.js';
import type { MessageShape, PayloadField, ValueType } from './payload-shape.js';
import { isValidInstant, parseRfc3339, RFC3339_EXPECTED } from './rfc3339.js';
import type { Instant } from './rfc3339.js';

/** Finds how the message that a type URL names is made from JSON. */
interface PayloadEncoders {
  find(typeUrl: string): PayloadEncoder | undefined;
}

interface PayloadEncoder {
  readonly shape: MessageShape;
  encode(json: unknown, path: string): Buffer;
}

type Json = Readonly<Record<string, unknown>>;

/** JavaScript's strings may hold halves of surrogate pairs, which UTF-8 cannot. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Turns protobuf's JSON for a message into the object that its encoder takes.
 * Accepts proto and lowerCamel names; null leaves a field unset. Zero values are left out, as in
 * canonical encoders.
 */
export function encodePayloadJson(
  json: unknown,
  shape: MessageShape,
  path: string,
  types: PayloadEncoders,
): Record<string, unknown> {
  if (hasOwnJson(shape)) {
    return singleValue(json, shape.asValue, path, types) as Record<string, unknown>;
  }
  const message: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(expectObject(json, path || shape.name))) {
    const field = shape.byName.get(name) ?? shape.fields.find((one) => one.jsonName === name);
    const place = join(path, name);
    if (field === undefined) {
      throw invalid(place, `one of the fields of ${shape.name}: ${fieldNames(shape)}`);
    }
    if (field.name in message) throw invalid(place, 'each field once');
    if (value === null) continue;
    const encoded = fieldValue(value, field, place, types);
    if (shape.tracksPresence || field.repeated || !isZero(encoded, field.type)) {
      message[field.name] = encoded;
    }
  }
  return message;
}

function fieldValue(json: unknown, field: PayloadField, path: string, types: PayloadEncoders) {
  if (!field.repeated) return singleValue(json, field.type, path, types);
  if (!Array.isArray(json)) throw invalid(path, 'an array', json);
  return json.map((item, index) => singleValue(item, field.type, `${path}[${index}]`, types));
}

function singleValue(
  json: unknown,
  type: ValueType,
  path: string,
  types: PayloadEncoders,
): unknown {
  switch (type.kind) {
    case 'string':
      if (typeof json !== 'string' || LONE_SURROGATE.test(json)) {
        throw invalid(path, 'a string of Unicode text', json);
      }
      return json;
    case 'bool':
      if (typeof json !== 'boolean') throw invalid(path, 'true or false', json);
      return json;
    case 'integer':
      return integer(json, type.min, type.max, path);
    case 'float':
      return float(json, path);
    case 'enum':
      return enumNumber(json, type.numbers, path);
    case 'bytes':
      return decodeBase64(json, path);
    case 'timestamp':
      return withoutZeros(timestampFromJson(json, path));
    case 'duration':
      return durationFromJson(json, path);
    case 'wrapper': {
      const { name, type: wrapped } = wrappedField(type.message);
      const value = singleValue(json, wrapped, path, types);
      return isZero(value, wrapped) ? {} : { [name]: value };
    }
    case 'json':
      return messageFromJson(json, type.message.name, path, ({ path: at, expected, found }) => {
        throw invalid(at, expected, found);
      });
    case 'any': {
      const { typeUrl, value } = anyFromJson(json, path, types);
      return { ...(typeUrl !== '' && { type_url: typeUrl }), ...(value.length > 0 && { value }) };
    }
    case 'message':
      return encodePayloadJson(json, type.message, path, types);
    case 'map':
      return mapValue(json, type.key.type, type.value.type, path, types);
  }
}

function integer(json: unknown, min: bigint, max: bigint, path: string): string {
  const exact = typeof json === 'number' ? Number.isSafeInteger(json) : isDecimal(json);
  const value = exact ? BigInt(json as string | number) : undefined;
  if (value === undefined || value < min || value > max) {
    throw invalid(path, `an integer from ${min} to ${max} (as a string if above 2^53)`, json);
  }
  return value.toString();
}

/** Long numbers take more than linear time to convert, and 64 bits have at most 20 digits. */
const DECIMAL = /^-?\d{1,64}$/;

function isDecimal(json: unknown): json is string {
  return typeof json === 'string' && DECIMAL.test(json);
}

function float(json: unknown, path: string): number {
  if (typeof json === 'number') return json;
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json);
  throw invalid(path, 'a number, "NaN", "Infinity" or "-Infinity"', json);
}

function enumNumber(json: unknown, numbers: ReadonlyMap<string, number>, path: string): number {
  const number = typeof json === 'string' ? numbers.get(json) : json;
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw invalid(path, `one of ${[...numbers.keys()].join(', ')}, or its number`, json);
}

/** Decodes standard or URL-safe base64, with or without padding. */
function decodeBase64(json: unknown, path: string): Buffer {
  if (typeof json === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(json)) {
    return Buffer.from(json, 'base64');
  }
  throw invalid(path, 'bytes in base64', json);
}

/** A google.protobuf.Timestamp from RFC 3339 or from {"seconds", "nanos"}. */
export function timestampFromJson(json: unknown, path: string): Instant {
  const instant = typeof json === 'string' ? parseRfc3339(json) : secondsAndNanos(json, path);
  if (instant !== undefined && isValidInstant(instant)) return instant;
  throw invalid(path, `${RFC3339_EXPECTED}, or {"seconds", "nanos"} in the years 1 to 9999`, json);
}

/** Returns undefined for anything but an object with these members. */
function secondsAndNanos(json: unknown, path: string): Instant | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const { seconds = 0, nanos = 0, ...others } = json as Json;
  if (Object.keys(others).length > 0) return undefined;
  return {
    seconds: BigInt(integer(seconds, -(2n ** 63n), 2n ** 63n - 1n, join(path, 'seconds'))),
    nanos: Number(integer(nanos, -(2n ** 31n), 2n ** 31n - 1n, join(path, 'nanos'))),
  };
}

function withoutZeros({ seconds, nanos }: Instant): object {
  return { ...(seconds !== 0n && { seconds: `${seconds}` }), ...(nanos !== 0 && { nanos }) };
}

/** The message of a google.protobuf.Duration, from "3.5s" or from {"seconds", "nanos"}. */
function durationFromJson(json: unknown, path: string): object {
  const duration =
    typeof json === 'string' ? parseProtoDuration(json) : secondsAndNanos(json, path);
  if (duration === undefined || !isValidDuration(duration)) {
    throw invalid(path, DURATION_EXPECTED, json);
  }
  return withoutZeros(duration);
}

/**
 * A google.protobuf.Any from {"@type", fields…} for a known type, or from {"type_url", "value":
 * base64} for any type.
 */
export function anyFromJson(
  json: unknown,
  path: string,
  types: PayloadEncoders,
): { typeUrl: string; value: Buffer } {
  const object = expectObject(json, path);
  if ('@type' in object) {
    const { '@type': url, ...fields } = object;
    const type = typeof url === 'string' ? types.find(url) : undefined;
    if (type === undefined) {
      const expected = 'a known type, or {"type_url", "value": base64} instead';
      throw invalid(join(path, '@type'), expected, url);
    }
    return {
      typeUrl: url as string,
      value: type.encode(contentOf(fields, type.shape, path), path),
    };
  }
  const { type_url: protoName, typeUrl = protoName ?? '', value = '', ...others } = object;
  if (typeof typeUrl !== 'string' || Object.keys(others).length > 0) {
    throw invalid(path, '{"@type", fields} or {"type_url", "value": base64}', json);
  }
  return { typeUrl, value: decodeBase64(value, join(path, 'value')) };
}

/** Types with a JSON notation of their own have it in the member `value`. */
function contentOf(fields: Json, shape: MessageShape, path: string): unknown {
  if (!hasOwnJson(shape)) return fields;
  if ('value' in fields && Object.keys(fields).length === 1) return fields.value;
  if (shape.asValue.kind === 'json')
    throw invalid(path, `{"@type": "${shape.name}", "value": JSON}`);
  return fields;
}

function mapValue(
  json: unknown,
  key: ValueType,
  value: ValueType,
  path: string,
  types: PayloadEncoders,
) {
  const entries = Object.entries(expectObject(json, path)).map(([name, item]) => {
    const place = join(path, name);
    checkMapKey(name, key, place);
    return [name, singleValue(item, value, place, types)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function checkMapKey(name: string, key: ValueType, path: string): void {
  if (LONE_SURROGATE.test(name)) throw invalid(path, 'a key of Unicode text', name);
  if (key.kind === 'integer') integer(name, key.min, key.max, path);
  if (key.kind === 'bool' && name !== 'true' && name !== 'false') {
    throw invalid(path, 'the key true or false', name);
  }
}

function isZero(value: unknown, { kind }: ValueType): boolean {
  if (kind === 'integer') return value === '0';
  if (kind === 'bytes') return (value as Buffer).length === 0;
  return value === '' || value === false || Object.is(value, 0);
}

/** Returns the JSON as an object; throws INVALID_ARGUMENT if it is something else. */
export function expectObject(json: unknown, path: string): Json {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json;
  throw invalid(path, 'an object', json);
}

/**
 * An INVALID_ARGUMENT error that says what was expected where, and what was found if that is given.
 */
export function invalid(path: string, expected: string, found?: unknown): FoghornError {
  const got = found === undefined ? '' : `, got ${excerpt(JSON.stringify(found))}`;
  return new FoghornError(
    'INVALID_ARGUMENT',
    `${excerpt(path, MAX_PATH)}: expected ${expected}${got}`,
  );
}

/** Longest path that an error shows, in UTF-16 units. */
const MAX_PATH = 256;

function fieldNames(shape: MessageShape): string {
  return shape.fields.map((field) => field.name).join(', ') || '(it has none)';
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
