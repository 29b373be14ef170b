/** A payload type whose events are filed under a container. */
export interface FiledType {
  /** Numbers of the fields, besides the id, that decide `isLifecycle`; 0 for none. */
  readonly first: number;
  readonly second: number;
  readonly isLifecycle: (id: string, first: string, second: string) => boolean;
}

/** Actions of Docker events about a container itself. */
export const DOCKER_LIFECYCLE: ReadonlySet<string> = new Set([
  'create',
  'start',
  'die',
  'destroy',
  // Podman's destroy.
  'remove',
  'rename',
  'pause',
  'unpause',
  'oom',
]);

/** Begins the actions of Docker events that report a container's health. */
export const HEALTH_ACTION = 'health_status: ';

const LIFECYCLE: FiledType = { first: 0, second: 0, isLifecycle: () => true };
const REST: FiledType = { first: 0, second: 0, isLifecycle: () => false };

/** A type of lifecycle events, except where a field names an exec. */
function unlessExec(field: number): FiledType {
  return { first: field, second: 0, isLifecycle: (id, exec) => exec === '' || exec === id };
}

const DOCKER_EVENT: FiledType = {
  first: 2,
  second: 3,
  isLifecycle: (_id, type, action) =>
    type === 'container' && (DOCKER_LIFECYCLE.has(action) || action.startsWith(HEALTH_ACTION)),
};

/** Type of recordings, which are all filed under RECORDING_KEY. */
export const DOCKER_RECORDING = 'foghorn.v1.DockerRecording';

/**
 * The key of the events about namespaces, in each namespace. It cannot be a container's id, which
 * has no slash.
 */
export const NAMESPACES_KEY = '/namespaces';

/** Types that are filed under NAMESPACES_KEY. */
export const NAMESPACE_TYPES: ReadonlySet<string> = new Set([
  'containerd.events.NamespaceCreate',
  'containerd.events.NamespaceUpdate',
  'containerd.events.NamespaceDelete',
]);

/** Type of containerd's description of a container. */
export const CONTAINERD_CONTAINER = 'foghorn.v1.ContainerdContainer';

/** Type of an engine's description of a container. */
export const DOCKER_CONTAINER = 'foghorn.v1.DockerContainer';

/** Type of what a recorder observed of a run whose events were missed. */
export const OBSERVED_RUN = 'foghorn.v1.ObservedRun';

/** Type of what a recorder observed of an exec whose end was not reported. */
export const OBSERVED_EXEC = 'foghorn.v1.ObservedExec';

/**
 * All types that are filed. Field 1 is the id that an event is filed under, except in recordings
 * and in events about namespaces.
 */
export const FILED_TYPES: ReadonlyMap<string, FiledType> = new Map([
  ['containerd.events.ContainerCreate', LIFECYCLE],
  ['containerd.events.ContainerUpdate', LIFECYCLE],
  ['containerd.events.ContainerDelete', LIFECYCLE],
  ['containerd.events.TaskCreate', LIFECYCLE],
  ['containerd.events.TaskStart', LIFECYCLE],
  ['containerd.events.TaskDelete', unlessExec(5)],
  ['containerd.events.TaskExit', unlessExec(2)],
  ['containerd.events.TaskOOM', LIFECYCLE],
  ['containerd.events.TaskPaused', LIFECYCLE],
  ['containerd.events.TaskResumed', LIFECYCLE],
  ['containerd.events.TaskExecAdded', REST],
  ['containerd.events.TaskExecStarted', REST],
  ['containerd.events.TaskCheckpointed', REST],
  ['foghorn.v1.DockerEvent', DOCKER_EVENT],
  [DOCKER_RECORDING, LIFECYCLE],
  [DOCKER_CONTAINER, LIFECYCLE],
  [CONTAINERD_CONTAINER, LIFECYCLE],
  [OBSERVED_RUN, LIFECYCLE],
  [OBSERVED_EXEC, REST],
  ...[...NAMESPACE_TYPES].map((name): [string, FiledType] => [name, LIFECYCLE]),
]);
