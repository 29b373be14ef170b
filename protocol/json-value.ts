/**
 * A JSON value as a decoded google.protobuf.Value: one member is set; messages that are not set are
 * null. Fields have the names of the loader's own copy of struct.proto.
 */
export interface DecodedValue {
  readonly nullValue?: unknown;
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: DecodedStruct | null;
  readonly listValue?: DecodedList | null;
}
export interface DecodedStruct {
  readonly fields: Readonly<Record<string, DecodedValue>>;
}
export interface DecodedList {
  readonly values: readonly DecodedValue[];
}

/** The type of payloads that are JSON objects without a type of their own. */
export const JSON_OBJECT_TYPE = 'google.protobuf.Struct';

const JSON_LIST_TYPE = 'google.protobuf.ListValue';

/** The types of messages that are JSON values. */
export const JSON_TYPES: readonly string[] = [
  JSON_OBJECT_TYPE,
  JSON_LIST_TYPE,
  'google.protobuf.Value',
];

/** Names the value that cannot be part of such a message. */
export interface JsonFault {
  readonly path: string;
  readonly expected: string;
  readonly found?: unknown;
}

/**
 * Decoders take 100 messages within each other, and an object takes three: itself, its member and
 * the member's value. The rest is left to messages around it.
 */
const MAX_LEVELS = 30;

/** JavaScript's strings may hold halves of surrogate pairs, which UTF-8 cannot. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Turns JSON into the message that an encoder takes.
 *
 * @param type one of JSON_TYPES
 * @param fail throws the error
 */
export function messageFromJson(
  json: unknown,
  type: string,
  path: string,
  fail: (fault: JsonFault) => never,
): object {
  const value = valueFromJson(json, path, 1, fail);
  if (type === JSON_OBJECT_TYPE) {
    return (
      value.structValue ?? fail({ path: path || type, expected: 'a JSON object', found: json })
    );
  }
  if (type === JSON_LIST_TYPE) {
    return value.listValue ?? fail({ path: path || type, expected: 'a JSON array', found: json });
  }
  return value;
}

function valueFromJson(
  json: unknown,
  path: string,
  level: number,
  fail: (fault: JsonFault) => never,
): DecodedValue {
  if (typeof json === 'number') return { numberValue: json };
  if (typeof json === 'boolean') return { boolValue: json };
  if (typeof json === 'string') {
    if (LONE_SURROGATE.test(json)) fail({ path, expected: 'Unicode text', found: json });
    return { stringValue: json };
  }
  if (typeof json !== 'object' || json === null) return { nullValue: 0 };
  if (level > MAX_LEVELS) fail({ path, expected: `JSON of at most ${MAX_LEVELS} levels` });
  if (Array.isArray(json)) {
    const values = json.map((item: unknown, index) =>
      valueFromJson(item, `${path}[${index}]`, level + 1, fail),
    );
    return { listValue: { values } };
  }
  const members = Object.entries(json).map(([name, item]) => {
    const below = path === '' ? name : `${path}.${name}`;
    if (LONE_SURROGATE.test(name)) fail({ path: below, expected: 'a name of Unicode text' });
    return [name, valueFromJson(item, below, level + 1, fail)] as const;
  });
  return { structValue: { fields: Object.fromEntries(members) } };
}

/** The JSON that a decoded message of one of JSON_TYPES stands for. */
export function jsonFromMessage(message: object, type: string): unknown {
  return jsonFromValue(asValue(message, type));
}

function asValue(message: object, type: string): DecodedValue {
  if (type === JSON_OBJECT_TYPE) return { structValue: message as DecodedStruct };
  return type === JSON_LIST_TYPE ? { listValue: message as DecodedList } : message;
}

function jsonFromValue(value: DecodedValue): unknown {
  const { structValue: struct, listValue: list } = value;
  if (struct) {
    return Object.fromEntries(
      Object.entries(struct.fields).map(([name, member]) => [name, jsonFromValue(member)]),
    );
  }
  if (list) return list.values.map(jsonFromValue);
  return scalarOf(value) ?? null;
}

function scalarOf(value: DecodedValue): string | number | boolean | undefined {
  return value.numberValue ?? value.stringValue ?? value.boolValue;
}

/**
 * The text at a path into a decoded message of one of JSON_TYPES: names of members, and indexes of
 * lists. Undefined for what is absent, empty, null, an object or a list.
 */
export function textInJson(
  message: object,
  type: string,
  path: readonly string[],
): string | undefined {
  let value = asValue(message, type);
  for (const name of path) {
    const members = value.structValue?.fields ?? value.listValue?.values;
    if (members === undefined || !Object.hasOwn(members, name)) return undefined;
    const next = (members as Readonly<Record<string, DecodedValue | number>>)[name];
    // The length of a list is not an item.
    if (typeof next !== 'object') return undefined;
    value = next;
  }
  const scalar = scalarOf(value);
  return scalar === undefined || scalar === '' ? undefined : String(scalar);
}
