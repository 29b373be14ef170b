import { ContainerCreate } from '../../protos/gen/containerd/events/container.js';
import { TaskExit, TaskOOM, TaskStart } from '../../protos/gen/containerd/events/task.js';
import { AppendRequest, type NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { PublishRequest } from '../../protos/gen/containerd/services/events/v1/events.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { APPEND, PUBLISH, type RawClient } from './raw-client.js';

const EVENTS_PER_APPEND = 5000;

/** The namespace that Docker clients see. */
export const DOCKER_NAMESPACE = 'moby';

export function publication(topic: string, event: Any, namespace = DOCKER_NAMESPACE): NewEvent {
  return { event: { $case: 'publish', value: { namespace, topic, event, publishId: '' } } };
}

export function created(id: string): NewEvent {
  const value = ContainerCreate.encode(ContainerCreate.fromPartial({ id, image: 'image' }));
  return publication('/containers/create', any('containerd.events.ContainerCreate', value));
}

export function started(containerId: string, pid: number): NewEvent {
  const value = TaskStart.encode({ containerId, pid });
  return publication('/tasks/start', any('containerd.events.TaskStart', value));
}

export function exited(containerId: string, pid: number): NewEvent {
  const value = TaskExit.encode(
    TaskExit.fromPartial({ containerId, id: containerId, pid, exitStatus: 1 }),
  );
  return publication('/tasks/exit', any('containerd.events.TaskExit', value));
}

/** The payload of a small event of a container. */
export function outOfMemory(containerId: string): Any {
  return any('containerd.events.TaskOOM', TaskOOM.encode({ containerId }));
}

function any(typeUrl: string, value: { finish(): Uint8Array }): Any {
  return { typeUrl, value: value.finish() };
}

/** Stores events fast. */
export async function appendAll(client: RawClient, events: readonly NewEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += EVENTS_PER_APPEND) {
    const some = events.slice(at, at + EVENTS_PER_APPEND);
    await client.call(APPEND, AppendRequest.encode({ events: some }).finish());
  }
}

/** Publishes `count` events of so many bytes, one after the other. */
export async function publishLarge(client: RawClient, count: number, bytes: number): Promise<void> {
  const event = { typeUrl: 'attack.Large', value: Buffer.alloc(bytes, 'b') };
  const message = PublishRequest.encode({ topic: '/attack/large', event }).finish();
  for (let sent = 0; sent < count; sent++) await client.call(PUBLISH, message);
}
