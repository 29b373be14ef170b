import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { RECORDING_KEY } from '../../protocol/docker-event.js';
import { typeName } from './type-name.js';
import { TYPE_URL_TAG, VALUE_TAG } from '../../protocol/wire/any.js';
import { LENGTH_DELIMITED, WireReader } from '../../protocol/wire/reader.js';
import { DOCKER_RECORDING, FILED_TYPES, type FiledType } from './filed-types.js';
import { RecentTexts } from '../../protocol/wire/recent-texts.js';

/** Longer ids than any container platform makes (containerd allows 76 bytes) are not filed. */
export const MAX_ID_BYTES = 255;

const ID_FIELD = 1;

const TYPE_URL_FIELD = TYPE_URL_TAG >>> 3;
const VALUE_FIELD = VALUE_TAG >>> 3;

/** What an event is about. */
export interface Subject {
  /** A container's id, or that of something else which a Docker engine tells of; or RECORDING_KEY. */
  readonly container: string;
  /** See `Filing.isLifecycle`. */
  readonly isLifecycle: boolean;
}

/**
 * What an event is about: the `container_id` of task events, the `id` of container events, the `actor_id` of a Docker engine's.
 * Undefined for other types and for bytes that are no such message.
 *
 * @param event an encoded google.protobuf.Any
 */
export function subjectOf(event: Uint8Array): Subject | undefined {
  const subject = readOrdinarySubject(new WireReader(event));
  if (subject !== 'not ordinary') return subject;
  try {
    return readSubject(new BinaryReader(event));
  } catch {
    return undefined;
  }
}

const types = new RecentTexts();

/**
 * Of an Any as encoders write it, whose value has only text and numbers in its first fields, as all types that are filed: this runs
 * for every event, and reading it takes a fraction of what a complete decoder does.
 */
function readOrdinarySubject(reader: WireReader): Subject | undefined | 'not ordinary' {
  const { bytes } = reader;
  if (!reader.over(TYPE_URL_TAG, bytes.length)) return 'not ordinary';
  const typeUrl = types.read(reader);
  if (!reader.over(VALUE_TAG, bytes.length) || reader.pos !== bytes.length) return 'not ordinary';
  const name = FILED_TYPES.has(typeUrl) ? typeUrl : typeName(typeUrl);
  const type = FILED_TYPES.get(name);
  if (type === undefined) return undefined;
  const fields = { id: '', first: '', second: '' };
  const end = reader.into();
  while (reader.pos < end) {
    const tag = bytes[reader.pos] ?? 0;
    const field = tag >>> 3;
    // Tags of two bytes belong to fields that no filed type has.
    if (tag >= 0x80 || !reader.over(tag, end)) return 'not ordinary';
    if ((tag & 7) !== LENGTH_DELIMITED) continue;
    if (field === ID_FIELD) fields.id = reader.text();
    else if (field === type.first) fields.first = reader.text();
    else if (field === type.second) fields.second = reader.text();
  }
  return subjectFrom(name, type, fields);
}

/** Where a message begins and ends in the bytes that it is part of. */
interface Span {
  readonly pos: number;
  readonly len: number;
}

/** Of the Any that the reader is at. */
function readSubject(reader: BinaryReader): Subject | undefined {
  let typeUrl = '';
  let value: Span = { pos: 0, len: 0 };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === TYPE_URL_FIELD) typeUrl = latin1(reader);
    else if (field === VALUE_FIELD) {
      const length = reader.uint32();
      value = { pos: reader.pos, len: reader.pos + length };
      reader.pos += length;
    } else reader.skip(wireType, field);
  }
  const name = typeName(typeUrl);
  const type = FILED_TYPES.get(name);
  if (type === undefined || value.len > reader.len) return undefined;
  // The same reader, since making one costs more than what it reads here.
  return subjectFrom(name, type, readFields(reader, value, type));
}

type Fields = Record<'id' | 'first' | 'second', string>;

function subjectFrom(
  name: string,
  type: FiledType,
  { id, first, second }: Fields,
): Subject | undefined {
  const container = name === DOCKER_RECORDING ? RECORDING_KEY : id;
  if (!isFiled(container)) return undefined;
  return { container, isLifecycle: type.isLifecycle(id, first, second) };
}

/** Whether entries are filed under a container's id. */
export function isFiled(id: string): boolean {
  if (id === '' || id.includes('\0')) return false;
  // No character takes more than three bytes for each of its units, so most need not be counted.
  return 3 * id.length <= MAX_ID_BYTES || Buffer.byteLength(id) <= MAX_ID_BYTES;
}

/** Reads these fields and skips the rest: this runs for every event, and decoding it all would cost ten times as much. */
function readFields(
  reader: BinaryReader,
  { pos, len }: Span,
  { first, second }: FiledType,
): Fields {
  const fields = { id: '', first: '', second: '' };
  reader.pos = pos;
  while (reader.pos < len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === ID_FIELD) fields.id = text(reader);
    else if (field === first) fields.first = text(reader);
    else if (field === second) fields.second = text(reader);
    else reader.skip(wireType, field);
  }
  if (reader.pos > len) throw new RangeError('a field ends after its message');
  return fields;
}

/** The field that the reader is at. Much faster than UTF-8, and no other text becomes the same as one in ASCII by it. */
function latin1(reader: BinaryReader): string {
  const { buffer, byteOffset, byteLength } = reader.bytes();
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

const ASCII = /^[\0-\x7f]*$/;

function text(reader: BinaryReader): string {
  const begin = reader.pos;
  const ascii = latin1(reader);
  if (ASCII.test(ascii)) return ascii;
  reader.pos = begin;
  return reader.string();
}
