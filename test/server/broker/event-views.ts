import { TaskExit } from '../../../protos/gen/containerd/events/task.js';
import type { Any } from '../../../protos/gen/google/protobuf/any.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { CursorWriter } from '../../../server/events/cursor.js';
import { EventView } from '../../../server/events/event-view.js';

/** Short form of an event. */
export interface EventSpec {
  readonly namespace: string;
  readonly topic: string;
  /** A TaskExit. */
  readonly exit?: { readonly containerId: string; readonly id: string };
  /** Any other payload, its value in hexadecimal. */
  readonly raw?: { readonly typeUrl: string; readonly value: string };
}

const types = PayloadTypes.load([]);
const cursors = new CursorWriter('0123456789abcdef');

/** The view of such an event as the entry with this offset. */
export function viewOf(spec: EventSpec, offset = 1): EventView {
  const { namespace, topic } = spec;
  const timestamp = { seconds: 1n, nanos: 0 };
  const envelope = Envelope.encode({
    timestamp,
    namespace,
    topic,
    event: payloadOf(spec),
  }).finish();
  return new EventView({ offset, storedAt: 1n, fingerprint: 0, envelope }, cursors, types);
}

function payloadOf({ exit, raw }: EventSpec): Any | undefined {
  if (exit !== undefined) {
    const value = TaskExit.encode(TaskExit.fromPartial(exit)).finish();
    return { typeUrl: 'containerd.events.TaskExit', value };
  }
  return raw && { typeUrl: raw.typeUrl, value: Buffer.from(raw.value, 'hex') };
}
