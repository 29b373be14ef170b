import { TaskExit } from '../../protos/gen/containerd/events/task.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { Envelope } from '../../protos/gen/containerd/types/event.js';

/** Returns the n-th of many exits; every tenth is of the same container. */
export function exitEvent(n: number): Any {
  const containerId = `c${n % 10}`;
  const exit = { containerId, id: containerId, pid: n, exitStatus: n % 256, exitedAt: undefined };
  return { typeUrl: 'containerd.events.TaskExit', value: TaskExit.encode(exit).finish() };
}

/** Returns the n-th of many envelopes. Its time is n seconds after 1970. */
export function exitEnvelope(n: number, changes: Partial<Envelope> = {}): Envelope {
  return {
    timestamp: { seconds: BigInt(n), nanos: 0 },
    namespace: 'default',
    topic: '/tasks/exit',
    event: exitEvent(n),
    ...changes,
  };
}

/** Returns the n-th of many envelopes of 15 MB, of which the memory for readers holds four. */
export function largeEnvelope(n: number): Envelope {
  return exitEnvelope(n, { event: { typeUrl: 'test.Large', value: Buffer.alloc(15_000_000) } });
}

/** Returns the number of an envelope made by `exitEnvelope`. */
export function numberOf(envelope: { event: Any | undefined }): number {
  return TaskExit.decode(envelope.event!.value).pid;
}
