import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Longer ids than any container platform makes (containerd allows 76 bytes) are not filed. */
export const MAX_ID_BYTES = 255;

/** The types that belong to one container. In all of them field 1 is the container's id. */
const CONTAINER_TYPES = new Set([
  'containerd.events.ContainerCreate',
  'containerd.events.ContainerUpdate',
  'containerd.events.ContainerDelete',
  'containerd.events.TaskCreate',
  'containerd.events.TaskStart',
  'containerd.events.TaskDelete',
  'containerd.events.TaskExit',
  'containerd.events.TaskOOM',
  'containerd.events.TaskExecAdded',
  'containerd.events.TaskExecStarted',
  'containerd.events.TaskPaused',
  'containerd.events.TaskResumed',
  'containerd.events.TaskCheckpointed',
]);
const ID_FIELD = 1;

/** Of google.protobuf.Any. */
const TYPE_URL_FIELD = 1;
const VALUE_FIELD = 2;

/**
 * Those of them that tell of a run of the container's own process, with the field that would name an exec instead; 0 where
 * there is none.
 */
const RUN_TYPES = new Map([
  ['containerd.events.TaskCreate', 0],
  ['containerd.events.TaskStart', 0],
  ['containerd.events.TaskExit', 2],
  ['containerd.events.TaskDelete', 5],
  ['containerd.events.ContainerDelete', 0],
]);

/** What an event is about. */
export interface Subject {
  readonly container: string;
  /** Whether it tells how a run of the container's own process began or ended, or that the container was deleted. */
  readonly isLifecycle: boolean;
}

/**
 * The container that an event is about: the `container_id` of task events, the `id` of container events.
 * Undefined for other types and for bytes that are no such message.
 *
 * @param event an encoded google.protobuf.Any
 */
export function subjectOf(event: Uint8Array): Subject | undefined {
  try {
    return readSubject(new BinaryReader(event));
  } catch {
    return undefined;
  }
}

/** Of the Any that the reader is at. */
function readSubject(reader: BinaryReader): Subject | undefined {
  let typeUrl = '';
  let value: { readonly pos: number; readonly len: number } | undefined;
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
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
  if (value === undefined || !CONTAINER_TYPES.has(name)) return undefined;
  if (value.len > reader.len) return undefined;
  const execField = RUN_TYPES.get(name);
  // The same reader, since making one costs more than what it reads here.
  const { container, exec } = readIds(reader, value, execField ?? 0);
  if (!isFiled(container)) return undefined;
  return { container, isLifecycle: execField !== undefined && (exec === '' || exec === container) };
}

/** Whether entries are filed under a container's id. */
export function isFiled(id: string): boolean {
  return id !== '' && Buffer.byteLength(id) <= MAX_ID_BYTES && !id.includes('\0');
}

/** Reads these fields and skips the rest: this runs for every event, and decoding it all would cost ten times as much. */
function readIds(
  reader: BinaryReader,
  { pos, len }: { readonly pos: number; readonly len: number },
  execField: number,
): { container: string; exec: string } {
  const ids = { container: '', exec: '' };
  reader.pos = pos;
  while (reader.pos < len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === ID_FIELD) ids.container = text(reader);
    else if (field === execField) ids.exec = text(reader);
    else reader.skip(wireType, field);
  }
  if (reader.pos > len) throw new RangeError('a field ends after its message');
  return ids;
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
