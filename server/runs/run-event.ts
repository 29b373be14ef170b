import { TaskCreate, TaskDelete, TaskExecAdded } from '../../protos/gen/containerd/events/task.js';
import { TaskExecStarted, TaskExit, TaskStart } from '../../protos/gen/containerd/events/task.js';
import { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { ObservedExec, ObservedRun, type RunEnded } from '../../protos/gen/foghorn/v1/run.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import { DOCKER_CONTAINER, OBSERVED_EXEC, OBSERVED_RUN } from '../events/filed-types.js';
import { typeName } from '../events/type-name.js';
import { describedRun, type DescribedRun } from './described-run.js';

/** The meaning of an event for the runs of a container's processes. Times are ns since 1970. */
export type RunEvent =
  /** `pid` 0: not reported. `process` '': the container's own, otherwise an exec's id. */
  | { readonly kind: 'create' | 'start'; readonly process: string; readonly pid: number }
  | {
      readonly kind: 'exit';
      readonly process: string;
      readonly pid: number;
      readonly status: number;
      /** Undefined when it was not reported. */
      readonly exitedAt: bigint | undefined;
    }
  | { readonly kind: 'container created' | 'container deleted' }
  /** A recorder's daemon no longer knows an exec whose end was not reported. */
  | ({ readonly kind: 'exec lost'; readonly process: string } & LostRun)
  | ObservedEvent
  | EngineEvent;

/** A recorder's finding when it compared the history with its daemon. */
type ObservedEvent =
  | { readonly kind: 'goes on'; readonly pid: number }
  | { readonly kind: 'not started'; readonly status: number | undefined }
  | ({ readonly kind: 'lost' } & LostRun);

interface LostRun {
  readonly pid: number;
  readonly reason: string;
  readonly lastSeen: bigint | undefined;
}

/** A report of a Docker engine. */
type EngineEvent =
  /** `hidesCode`: a label of the container replaces the code in the engine's die. */
  | { readonly kind: 'engine start'; readonly hidesCode?: boolean }
  | { readonly kind: 'engine destroy' }
  | { readonly kind: 'engine die'; readonly status: number }
  /** A container that existed before the recording, and its newest run. */
  | ({ readonly kind: 'described' } & DescribedRun);

/** Kinds of events that containerd publishes. */
export const CONTAINERD_KINDS: ReadonlySet<RunEvent['kind']> = new Set([
  'container created',
  'create',
  'start',
  'exit',
]);

/** An event about the container's own process alone. */
export type OwnRunEvent = Exclude<
  RunEvent,
  { kind: 'container created' | 'container deleted' | 'create' | 'start' | 'exit' | 'exec lost' }
>;

/** The position and time of a run event. */
export interface EventContext {
  readonly cursor: string;
  /** ns since 1970. */
  readonly timestamp: bigint;
}

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

const READERS: ReadonlyMap<string, (value: Uint8Array) => RunEvent | undefined> = new Map<
  string,
  (value: Uint8Array) => RunEvent | undefined
>([
  ['containerd.events.TaskCreate', (value) => begin('create', '', TaskCreate.decode(value).pid)],
  ['containerd.events.TaskStart', (value) => begin('start', '', TaskStart.decode(value).pid)],
  ['containerd.events.TaskExecAdded', execAdded],
  ['containerd.events.TaskExecStarted', execStarted],
  ['containerd.events.TaskExit', (value) => exit(TaskExit.decode(value))],
  ['containerd.events.TaskDelete', (value) => taskDelete(TaskDelete.decode(value))],
  ['containerd.events.ContainerCreate', () => ({ kind: 'container created' })],
  ['containerd.events.ContainerDelete', () => ({ kind: 'container deleted' })],
  ['foghorn.v1.DockerEvent', (value) => engineEvent(DockerEvent.decode(value))],
  [DOCKER_CONTAINER, (value) => described(DockerContainer.decode(value))],
  [OBSERVED_RUN, (value) => observed(ObservedRun.decode(value))],
  [OBSERVED_EXEC, (value) => observedExec(ObservedExec.decode(value))],
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

function exit(event: TaskExit | TaskDelete): RunEvent & { kind: 'exit' } {
  const { containerId, id, pid, exitStatus, exitedAt } = event;
  return {
    kind: 'exit',
    process: id === containerId ? '' : id,
    pid,
    status: exitStatus,
    exitedAt: timeOf(exitedAt),
  };
}

/**
 * A TaskDelete repeats how the process ended, and replaces an exit that was never reported. That of
 * a task that never ran, or whose end containerd does not know, has a zero for the code.
 */
function taskDelete(event: TaskDelete): RunEvent | undefined {
  const ended = exit(event);
  if (ended.exitedAt !== undefined || ended.status !== 0) return ended;
  const reason = 'its task was deleted, and containerd does not know an end';
  return ended.process === ''
    ? { kind: 'lost', pid: ended.pid, reason, lastSeen: undefined }
    : undefined;
}

function observed({ pid, observation }: ObservedRun): RunEvent | undefined {
  switch (observation?.$case) {
    case 'goesOn':
      return { kind: 'goes on', pid };
    case 'ended':
      return ended('', pid, observation.value);
    case 'notStarted':
      return { kind: 'not started', status: observation.value.exitStatus };
    case 'lost': {
      const { reason, lastSeen } = observation.value;
      return { kind: 'lost', pid, reason, lastSeen: timeOf(lastSeen) };
    }
    case undefined:
      return undefined;
  }
}

function observedExec({ execId, observation }: ObservedExec): RunEvent | undefined {
  // Nothing but an exec has an end of this type.
  if (execId === '' || observation === undefined) return undefined;
  if (observation.$case === 'ended') return ended(execId, 0, observation.value);
  const { reason, lastSeen } = observation.value;
  return { kind: 'exec lost', process: execId, pid: 0, reason, lastSeen: timeOf(lastSeen) };
}

/** A zero without a time is no code: earlier recorders stored it for a shim that did not answer. */
function ended(
  process: string,
  pid: number,
  { exitStatus, exitedAt }: RunEnded,
): RunEvent | undefined {
  if (exitStatus === 0 && exitedAt !== undefined && exitedAt.seconds < 0n) return undefined;
  return { kind: 'exit', process, pid, status: exitStatus, exitedAt: timeOf(exitedAt) };
}

function described(container: DockerContainer): RunEvent {
  return { kind: 'described', ...describedRun(container) };
}

/** The code of a die that was filled in is containerd's, whose own event has it, too. */
function engineEvent({ type, action, attributes }: DockerEvent): RunEvent | undefined {
  if (type !== 'container') return undefined;
  switch (action) {
    case 'start':
      return { kind: 'engine start', hidesCode: attributes.has('exitCode') };
    case 'destroy':
    case 'remove':
      return { kind: 'engine destroy' };
    case 'die': {
      const status = exitCodeIn(attributes);
      return status === undefined || status < 0 ? undefined : { kind: 'engine die', status };
    }
    default:
      return undefined;
  }
}

/** The exit code of a die event; undefined if it has none. */
export function exitCodeIn(attributes: ReadonlyMap<string, string>): number | undefined {
  const text = attributes.get('exitCode');
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** containerd sends Go's zero time, in the year 1, for an unknown time. */
function timeOf(timestamp: Timestamp | undefined): bigint | undefined {
  return timestamp === undefined || timestamp.seconds < 0n
    ? undefined
    : nanosFromTimestamp(timestamp);
}
