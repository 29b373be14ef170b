import {
  ContainerState,
  type Container as ContainerMessage,
  type ContainerRun as RunOfContainerMessage,
  type Knowledge as KnowledgeMessage,
  type Run,
} from '../../../protos/gen/foghorn/v1/containers.js';
import type {
  Container,
  ContainerRun,
  LifecycleState,
  RunOfContainer,
} from '../../../protocol/container.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { Knowledge } from '../../runs/knowledge.js';

const STATES: Readonly<Record<LifecycleState, ContainerState>> = {
  created: ContainerState.CONTAINER_STATE_CREATED,
  running: ContainerState.CONTAINER_STATE_RUNNING,
  paused: ContainerState.CONTAINER_STATE_PAUSED,
  exited: ContainerState.CONTAINER_STATE_EXITED,
  lost: ContainerState.CONTAINER_STATE_LOST,
  removed: ContainerState.CONTAINER_STATE_REMOVED,
};

export function knowledgeMessage({ knownFrom, maybeOutdated }: Knowledge): KnowledgeMessage {
  return { knownFrom: timestampOf(knownFrom), maybeOutdated };
}

export function containerMessage(container: Container): ContainerMessage {
  const { namespace, id, name, image, labels, state, createdAt, removedAt, run } = container;
  return {
    namespace,
    id,
    name,
    image,
    labels: new Map(labels),
    state: STATES[state],
    createdAt: timestampOf(createdAt),
    removedAt: timestampOf(removedAt),
    run: run && runMessage(run),
  };
}

export function runOfContainerMessage({ container, run }: RunOfContainer): RunOfContainerMessage {
  const message = containerMessage({ ...container, run: undefined });
  return { container: message, run: runMessage(run) };
}

function runMessage(run: ContainerRun): Run {
  const { pid, startedAt, finishedAt, exitCode, lostReason, lastSeen, failedToStart, oom, cursor } =
    run;
  return {
    pid,
    startedAt: timestampOf(startedAt),
    finishedAt: timestampOf(finishedAt),
    exitCode,
    lostReason,
    lastSeen: timestampOf(lastSeen),
    failedToStart,
    oom,
    cursor,
  };
}

function timestampOf(time: bigint | undefined) {
  return time === undefined ? undefined : timestampFromNanos(time);
}
