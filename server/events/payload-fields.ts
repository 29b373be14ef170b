import { formatProtoDuration } from '../../protocol/proto-duration.js';
import { textInJson } from '../../protocol/json-value.js';
import { wrappedField } from '../../protocol/payload-shape.js';
import type { MessageShape, PayloadField, ValueType } from '../../protocol/payload-shape.js';
import type { DecodedPayload, PayloadType, PayloadTypes } from '../../protocol/payload-types.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';

/**
 * Returns the text that a filter sees for a path below `event.`; undefined when the field is
 * absent. Empty strings are absent, as in containerd; bools, integers and enums are always
 * present; timestamps are RFC 3339 in UTC. A path leads into messages, known Any values and JSON,
 * with indexes of lists. In a map with string keys, the rest of the path is the key. Repeated
 * fields, floats and bytes are always absent.
 */
export function lookupField(
  type: PayloadType,
  message: DecodedPayload,
  path: readonly string[],
): string | undefined {
  return lookup(type.shape, message, path, type.registry);
}

function lookup(
  shape: MessageShape,
  message: DecodedPayload,
  path: readonly string[],
  registry: PayloadTypes,
): string | undefined {
  if (shape.asValue.kind === 'json') return textInJson(message, shape.name, path);
  const [name, ...rest] = path;
  const field = name === undefined ? undefined : shape.byName.get(name);
  const value = field && message[field.name];
  if (field === undefined || value === undefined || value === null || field.repeated) {
    return undefined;
  }
  switch (field.type.kind) {
    case 'message':
      return lookup(field.type.message, value as DecodedPayload, rest, registry);
    case 'json':
      return textInJson(value, field.type.message.name, rest);
    case 'any':
      return lookupInAny(value as { type_url: string; value: Uint8Array }, rest, registry);
    case 'map':
      return lookupInMap(field.type, value as DecodedPayload, rest.join('.'));
    case 'string':
      return value === '' ? undefined : (value as string);
    default:
      return scalarText(field.type, value);
  }
}

function lookupInAny(
  any: { type_url: string; value: Uint8Array },
  path: readonly string[],
  registry: PayloadTypes,
): string | undefined {
  const type = registry.find(any.type_url);
  if (type === undefined) return undefined;
  try {
    return lookup(type.shape, type.decode(any.value), path, registry);
  } catch {
    // A malformed message has no fields, like a malformed payload.
    return undefined;
  }
}

function lookupInMap(
  { key, value }: { key: PayloadField; value: PayloadField },
  entries: DecodedPayload,
  name: string,
): string | undefined {
  if (key.type.kind !== 'string' || !Object.hasOwn(entries, name)) return undefined;
  return scalarText(value.type, entries[name]);
}

function scalarText(type: ValueType, value: unknown): string | undefined {
  switch (type.kind) {
    case 'string':
    case 'bool':
    case 'integer':
    case 'enum':
      return String(value);
    case 'wrapper': {
      const { name, type: wrapped } = wrappedField(type.message);
      const text = scalarText(wrapped, (value as DecodedPayload)[name]);
      return text === '' ? undefined : text;
    }
    case 'duration': {
      const { seconds, nanos } = value as { seconds: string; nanos: number };
      return formatProtoDuration({ seconds: BigInt(seconds), nanos });
    }
    case 'timestamp': {
      const { seconds, nanos } = value as { seconds: string; nanos: number };
      return formatRfc3339({ seconds: BigInt(seconds), nanos }, 'needed');
    }
    default:
      return undefined;
  }
}
