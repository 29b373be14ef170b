import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { Any } from '../../protos/gen/google/protobuf/any.js';

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

/**
 * The id of the container that an event is about: the `container_id` of task events, the `id` of container events.
 * Undefined for other types and for bytes that are no such message.
 *
 * @param event an encoded google.protobuf.Any
 */
export function containerOf(event: Uint8Array): string | undefined {
  try {
    const { typeUrl, value } = Any.decode(event);
    const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
    if (!CONTAINER_TYPES.has(name)) return undefined;
    const id = readId(value);
    return isFiled(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Whether entries are filed under a container's id. */
export function isFiled(id: string): boolean {
  return id !== '' && Buffer.byteLength(id) <= MAX_ID_BYTES && !id.includes('\0');
}

/** Reads one field and skips the rest: this runs for every event, and decoding it all would cost ten times as much. */
function readId(message: Uint8Array): string {
  const reader = new BinaryReader(message);
  let id = '';
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === ID_FIELD && wireType === WireType.LengthDelimited) id = reader.string();
    else reader.skip(wireType, field);
  }
  return id;
}
