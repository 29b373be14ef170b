import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { RECORDING_KEY } from '../../protos/docker-event.js';
import { typeName } from './type-name.js';
import { DOCKER_RECORDING, FILED_TYPES, type FiledType } from './filed-types.js';

/** Longer ids than any container platform makes (containerd allows 76 bytes) are not filed. */
export const MAX_ID_BYTES = 255;

const ID_FIELD = 1;

/** Of google.protobuf.Any. */
const TYPE_URL_FIELD = 1;
const VALUE_FIELD = 2;

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
  try {
    return readSubject(new EventReader(event));
  } catch {
    return undefined;
  }
}

/**
 * Skips and reads without the views of the bytes that its parent makes for each field, which cost more than all else that is
 * done here.
 */
class EventReader extends BinaryReader {
  readonly #bytes: Buffer;

  constructor(event: Uint8Array) {
    super(event);
    this.#bytes = Buffer.from(event.buffer, event.byteOffset, event.byteLength);
  }

  /** Goes past the bytes of a length-delimited field and returns where they begin. */
  pass(): number {
    const length = this.uint32();
    const begin = this.pos;
    this.pos += length;
    if (this.pos > this.len) throw new RangeError('a field ends after its message');
    return begin;
  }

  /** The field that it is at. Much faster than UTF-8, and no other text becomes the same as one in ASCII by it. */
  latin1(): string {
    const begin = this.pass();
    return this.#bytes.toString('latin1', begin, this.pos);
  }
}

/** Where a message begins and ends in the bytes that it is part of. */
interface Span {
  readonly pos: number;
  readonly len: number;
}

/** Of the Any that the reader is at. */
function readSubject(reader: EventReader): Subject | undefined {
  let typeUrl = '';
  let value: Span = { pos: 0, len: 0 };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === TYPE_URL_FIELD) typeUrl = reader.latin1();
    else if (field === VALUE_FIELD) value = { pos: reader.pass(), len: reader.pos };
    else reader.pass();
  }
  const name = typeName(typeUrl);
  const type = FILED_TYPES.get(name);
  if (type === undefined) return undefined;
  // The same reader, since making one costs more than what it reads here.
  const { id, first, second } = readFields(reader, value, type);
  const container = name === DOCKER_RECORDING ? RECORDING_KEY : id;
  if (!isFiled(container)) return undefined;
  return { container, isLifecycle: type.isLifecycle(id, first, second) };
}

/** Whether entries are filed under a container's id. */
export function isFiled(id: string): boolean {
  return id !== '' && Buffer.byteLength(id) <= MAX_ID_BYTES && !id.includes('\0');
}

/** Reads these fields and skips the rest: this runs for every event, and decoding it all would cost ten times as much. */
function readFields(
  reader: EventReader,
  { pos, len }: Span,
  { first, second }: FiledType,
): Record<'id' | 'first' | 'second', string> {
  const fields = { id: '', first: '', second: '' };
  reader.pos = pos;
  while (reader.pos < len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === ID_FIELD) fields.id = text(reader);
    else if (field === first) fields.first = text(reader);
    else if (field === second) fields.second = text(reader);
    else reader.pass();
  }
  if (reader.pos > len) throw new RangeError('a field ends after its message');
  return fields;
}

const ASCII = /^[\0-\x7f]*$/;

function text(reader: EventReader): string {
  const begin = reader.pos;
  const ascii = reader.latin1();
  if (ASCII.test(ascii)) return ascii;
  reader.pos = begin;
  return reader.string();
}
