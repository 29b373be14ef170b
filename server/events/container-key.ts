import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { RECORDING_KEY } from '../../protocol/docker-event.js';
import { isContainerId } from '../../protocol/identifier.js';
import type { EncodedAny } from '../../protocol/wire/any.js';
import { LENGTH_DELIMITED, WireReader } from '../../protocol/wire/reader.js';
import {
  DOCKER_RECORDING,
  FILED_TYPES,
  NAMESPACE_TYPES,
  NAMESPACES_KEY,
  type FiledType,
} from './filed-types.js';
import { typeName } from './type-name.js';

const ID_FIELD = 1;

/** The container that an event is about. */
export interface Subject {
  /**
   * Id of a container, or of another object that a Docker engine reports; or RECORDING_KEY or
   * NAMESPACES_KEY.
   */
  readonly container: string;
  /** See `Scope.lifecycleOnly`. */
  readonly isLifecycle: boolean;
}

/**
 * Returns the subject of an event: the `container_id` of task events, the `id` of container
 * events, the `actor_id` of a Docker engine's events. Returns undefined for other types, and for a
 * value that is not a message of its type.
 */
export function subjectOf(any: EncodedAny): Subject | undefined {
  const { typeUrl } = any;
  const name = FILED_TYPES.has(typeUrl) ? typeUrl : typeName(typeUrl);
  const type = FILED_TYPES.get(name);
  if (type === undefined) return undefined;
  const fields = readOrdinaryFields(any, type) ?? readFields(any, type);
  return fields && subjectFrom(name, type, fields);
}

/** The fields of a value that decide its subject. */
type Fields = Record<'id' | 'first' | 'second', string>;

/**
 * Reads a value whose fields are all numbers or length-delimited, as in all types that are filed.
 * This runs for every event, and costs a fraction of a complete decoder. Returns undefined for
 * another form.
 */
function readOrdinaryFields(any: EncodedAny, type: FiledType): Fields | undefined {
  const reader = new WireReader(any.bytes);
  const { bytes } = reader;
  const fields = { id: '', first: '', second: '' };
  reader.pos = any.valueBegin;
  while (reader.pos < any.valueEnd) {
    const tag = bytes[reader.pos] ?? 0;
    const field = tag >>> 3;
    // Tags of two bytes belong to fields that no filed type has.
    if (tag >= 0x80 || !reader.over(tag, any.valueEnd)) return undefined;
    if ((tag & 7) !== LENGTH_DELIMITED) continue;
    if (field === ID_FIELD) fields.id = reader.text();
    else if (field === type.first) fields.first = reader.text();
    else if (field === type.second) fields.second = reader.text();
  }
  return fields;
}

/** Reads a value with any fields. Returns undefined for bytes that are not a message. */
function readFields(
  { bytes, valueBegin, valueEnd }: EncodedAny,
  { first, second }: FiledType,
): Fields | undefined {
  const fields = { id: '', first: '', second: '' };
  try {
    const reader = new BinaryReader(bytes.subarray(valueBegin, valueEnd));
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
      else if (field === ID_FIELD) fields.id = reader.string();
      else if (field === first) fields.first = reader.string();
      else if (field === second) fields.second = reader.string();
      else reader.skip(wireType, field);
    }
    return fields;
  } catch {
    return undefined;
  }
}

function subjectFrom(
  name: string,
  type: FiledType,
  { id, first, second }: Fields,
): Subject | undefined {
  const container = sharedKeyOf(name) ?? id;
  if (!isContainerId(container)) return undefined;
  return { container, isLifecycle: type.isLifecycle(id, first, second) };
}

/** The key under which all events of a type are filed; undefined for those filed by their id. */
function sharedKeyOf(name: string): string | undefined {
  if (name === DOCKER_RECORDING) return RECORDING_KEY;
  return NAMESPACE_TYPES.has(name) ? NAMESPACES_KEY : undefined;
}
