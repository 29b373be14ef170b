import { TaskCreate, TaskDelete, TaskExecAdded } from '../../protos/gen/events/task.js';
import { TaskExecStarted, TaskExit, TaskStart } from '../../protos/gen/events/task.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import { typeName } from '../events/type-name.js';

/** The meaning of an event for the runs of a container's processes. */
export type RunEvent =
  /** `pid` 0: not reported. `process` '': the container's own, otherwise an exec's id. */
  | { readonly kind: 'create' | 'start'; readonly process: string; readonly pid: number }
  | {
      readonly kind: 'exit';
      readonly process: string;
      readonly pid: number;
      readonly status: number;
      /** ns since 1970; undefined when it was not reported. */
      readonly exitedAt: bigint | undefined;
    }
  | { readonly kind: 'container deleted' };

/**
 * The run event of a payload; undefined for other payloads and for bytes that cannot be decoded.
 */
export function runEvent({ typeUrl, value }: Any): RunEvent | undefined {
  const read = READERS.get(typeName(typeUrl));
  try {
    return read?.(value);
  } catch {
    return undefined;
  }
}

const READERS: ReadonlyMap<string, (value: Uint8Array) => RunEvent> = new Map([
  ['containerd.events.TaskCreate', (value) => begin('create', '', TaskCreate.decode(value).pid)],
  ['containerd.events.TaskStart', (value) => begin('start', '', TaskStart.decode(value).pid)],
  ['containerd.events.TaskExecAdded', execAdded],
  ['containerd.events.TaskExecStarted', execStarted],
  ['containerd.events.TaskExit', (value) => exit(TaskExit.decode(value))],
  // A TaskDelete repeats how the process ended, and replaces an exit that was never reported.
  ['containerd.events.TaskDelete', (value) => exit(TaskDelete.decode(value))],
  ['containerd.events.ContainerDelete', () => ({ kind: 'container deleted' })],
]);

function begin(kind: 'create' | 'start', process: string, pid: number): RunEvent {
  return { kind, process, pid };
}

function execAdded(value: Uint8Array): RunEvent {
  return begin('create', TaskExecAdded.decode(value).execId, 0);
}

function execStarted(value: Uint8Array): RunEvent {
  const { execId, pid } = TaskExecStarted.decode(value);
  return begin('start', execId, pid);
}

function exit(event: TaskExit | TaskDelete): RunEvent {
  const { containerId, id, pid, exitStatus, exitedAt } = event;
  return {
    kind: 'exit',
    process: id === containerId ? '' : id,
    pid,
    status: exitStatus,
    exitedAt: timeOf(exitedAt),
  };
}

/** containerd sends Go's zero time, in the year 1, for an unknown time. */
function timeOf(timestamp: Timestamp | undefined): bigint | undefined {
  return timestamp === undefined || timestamp.seconds < 0n
    ? undefined
    : nanosFromTimestamp(timestamp);
}
