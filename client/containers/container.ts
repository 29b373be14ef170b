import {
  ContainerState,
  type Container as ContainerMessage,
  type ContainerRun as ContainerRunMessage,
  type Run as RunMessage,
} from '../../protos/gen/foghorn/v1/containers.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import type {
  Container,
  ContainerRun,
  LifecycleState,
  RunOfContainer,
} from '../../protocol/container.js';
import { FoghornError } from '../../protocol/errors.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';

const STATES: ReadonlyMap<ContainerState, LifecycleState> = new Map([
  [ContainerState.CONTAINER_STATE_CREATED, 'created'],
  [ContainerState.CONTAINER_STATE_RUNNING, 'running'],
  [ContainerState.CONTAINER_STATE_PAUSED, 'paused'],
  [ContainerState.CONTAINER_STATE_EXITED, 'exited'],
  [ContainerState.CONTAINER_STATE_LOST, 'lost'],
  [ContainerState.CONTAINER_STATE_REMOVED, 'removed'],
]);

export function containerWithRun(message: ContainerMessage): Container {
  return { ...containerIn(message), run: message.run && runIn(message.run) };
}

function containerIn(message: ContainerMessage): Omit<Container, 'run'> {
  const { namespace, id, name, image, labels, createdAt, removedAt } = message;
  return {
    namespace,
    id,
    name,
    image,
    labels,
    state: STATES.get(message.state) ?? 'lost',
    createdAt: nanosIn(createdAt),
    removedAt: nanosIn(removedAt),
  };
}

export function runOfContainerIn({ container, run }: ContainerRunMessage): RunOfContainer {
  if (container === undefined || run === undefined) {
    throw new FoghornError('UNKNOWN', 'the broker answered with a run without its container');
  }
  return { container: containerIn(container), run: runIn(run) };
}

function runIn(message: RunMessage): ContainerRun {
  const { pid, exitCode, lostReason, failedToStart, oom, cursor } = message;
  return {
    pid,
    startedAt: nanosIn(message.startedAt),
    finishedAt: nanosIn(message.finishedAt),
    exitCode,
    lostReason,
    lastSeen: nanosIn(message.lastSeen),
    failedToStart,
    oom,
    cursor,
  };
}

export function nanosIn(time: Timestamp | undefined): bigint | undefined {
  return time && nanosFromTimestamp(time);
}
