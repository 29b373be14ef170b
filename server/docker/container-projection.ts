import type { DockerEventFields } from '../../protocol/docker-event.js';
import { ContainerCreate, ContainerUpdate } from '../../protos/gen/containerd/events/container.js';
import {
  TaskExecAdded,
  TaskExecStarted,
  TaskExit,
} from '../../protos/gen/containerd/events/task.js';
import { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { ContainerdContainer } from '../../protos/gen/foghorn/v1/recording.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { isMadeForEachStart } from '../runs/container-conventions.js';
import { Runs, type Run } from '../runs/runs.js';
import type { EventView } from '../events/event-view.js';
import { CONTAINERD_CONTAINER, DOCKER_CONTAINER, OBSERVED_RUN } from '../events/filed-types.js';
import { ObservedRun } from '../../protos/gen/foghorn/v1/run.js';
import { isOpen, wasStarted } from '../runs/run.js';
import { changeIn, observedEnd } from './observed-run.js';
import { RunChange } from './run-change.js';
import { runEvent } from '../runs/run-event.js';
import { typeName } from '../events/type-name.js';
import { ContainerMetadata } from './container-metadata.js';
import { EngineProjection } from './engine-projection.js';
import { ShownEvent } from './shown-event.js';

/** Approximate bytes of a projection, besides its labels, and of each run. */
const PROJECTION_BYTES = 600;
const RUN_BYTES = 250;

const CONTAINER_DELETE = 'containerd.events.ContainerDelete';

/** An entry of a container as Docker clients see it. */
export type Projected = ShownEvent | RunChange;

/**
 * One container as Docker clients see it. It is derived only from the container's entries in the
 * order of history, so that every reader sees the same.
 *
 * An engine's own event is shown as it was; an event of containerd is translated where no engine is
 * recorded.
 */
export class ContainerProjection {
  readonly #runs = new Runs('');
  readonly #engine = new EngineProjection();
  #metadata: ContainerMetadata;
  #metadataBytes = 0;
  /** Labels that containerd described right before the container's creation. */
  #labelsAtCreation: ReadonlyMap<string, string> | undefined;
  #paused = false;
  #upTo = 0;

  constructor(
    private readonly namespace: string,
    private readonly id: string,
  ) {
    this.#metadata = new ContainerMetadata(id);
  }

  /** Approximate bytes in memory. */
  get bytes(): number {
    const texts = this.#metadataBytes + this.#engine.bytes;
    return PROJECTION_BYTES + texts + this.#runs.size * RUN_BYTES;
  }

  /** The offset of the newest entry that was added; 0 before the first one. */
  get upTo(): number {
    return this.#upTo;
  }

  /**
   * Adds the container's next entry, and returns the Docker event for it, or the change that has no
   * event, if any. Entries about execs may have been left out before it.
   *
   * @param engineRecorded whether an engine is recorded in this namespace at this offset
   */
  next(view: EventView, payload: Any, engineRecorded: boolean): Projected | undefined {
    this.#upTo = view.offset;
    const name = typeName(payload.typeUrl);
    if (name === 'foghorn.v1.DockerEvent') {
      return this.#engine.next(view, DockerEvent.decode(payload.value), this.#runs);
    }
    if (name === DOCKER_CONTAINER) {
      this.#engine.described(DockerContainer.decode(payload.value));
      return undefined;
    }
    const isEngines = engineRecorded || this.#engine.wasSeen;
    if (name === OBSERVED_RUN) {
      return this.#observed(view, payload, isEngines);
    }
    const translated = this.#translate(view, name, payload);
    if (translated === undefined) {
      return name === CONTAINER_DELETE ? this.#deletedUnstarted(view) : undefined;
    }
    return isEngines ? this.#changeOf(view, translated) : new ShownEvent(translated, view);
  }

  /** Reads containerd's event about a container whose engine shows its own events. */
  #changeOf(view: EventView, { action, timeNano: time }: DockerEventFields): RunChange | undefined {
    const run = this.#runs.newest;
    if (action === 'start') {
      if (this.#engine.hasDiedSince(time)) return undefined;
      return new RunChange(this.id, { kind: 'running', time }, view);
    }
    if (action !== 'die' || run?.exit === undefined) return undefined;
    // The engine reports a die after containerd reports the exit.
    if (this.#engine.hasShownEndOf(run) || this.#engine.hasDiedSince(run.exit.exitedAt)) {
      return undefined;
    }
    return new RunChange(this.id, { kind: 'ended', exitCode: run.exit.status, time }, view);
  }

  /** containerd's object was deleted before a task was created: the start failed. */
  #deletedUnstarted(view: EventView): RunChange | undefined {
    const run = this.#runs.newest;
    if (run === undefined || !run.deleted || wasStarted(run)) return undefined;
    const reason = 'it could not be started, and the reason was not reported';
    return new RunChange(this.id, { kind: 'not started', exitCode: undefined, reason }, view);
  }

  #observed(view: EventView, payload: Any, isEngines: boolean): Projected | undefined {
    const before = this.#runs.newest;
    const wasOver = before !== undefined && !isOpen(before);
    this.#fold(view, payload);
    const { observation } = ObservedRun.decode(payload.value);
    if (observation === undefined) return undefined;
    const change = changeIn(observation, view.timestamp);
    if (change !== undefined) return new RunChange(this.id, change, view);
    const { exitCode, options } = observedEnd(observation);
    if (isEngines) {
      return this.#engine.observedEnd(view, this.id, { run: this.#runs.newest, exitCode, options });
    }
    if (wasOver) return undefined;
    return new ShownEvent(this.#shown(view, 'die', { exitCode }), view, options);
  }

  #translate(view: EventView, name: string, payload: Any): DockerEventFields | undefined {
    const { value } = payload;
    switch (name) {
      case CONTAINERD_CONTAINER:
        this.#described(ContainerdContainer.decode(value));
        return undefined;
      case 'containerd.events.ContainerCreate':
        this.#fold(view, payload);
        this.#created(ContainerCreate.decode(value).image);
        return this.#isMadeForEachStart ? undefined : this.#shown(view, 'create');
      case 'containerd.events.ContainerUpdate': {
        const { image, labels } = ContainerUpdate.decode(value);
        this.#know(this.#metadata.updated(image, labels));
        return undefined;
      }
      case 'containerd.events.ContainerDelete':
        this.#fold(view, payload);
        return this.#isMadeForEachStart ? undefined : this.#shown(view, 'destroy');
      case 'containerd.events.TaskCreate':
        this.#fold(view, payload);
        return undefined;
      case 'containerd.events.TaskStart':
        return this.#started(view, payload);
      case 'containerd.events.TaskExit':
        return this.#exited(view, payload);
      case 'containerd.events.TaskDelete':
        return this.#taskDeleted(view, payload);
      case 'containerd.events.TaskOOM':
        return this.#shown(view, 'oom');
      case 'containerd.events.TaskPaused':
        return this.#pausedOrResumed(view, true);
      case 'containerd.events.TaskResumed':
        return this.#pausedOrResumed(view, false);
      case 'containerd.events.TaskCheckpointed':
        return this.#shown(view, 'checkpoint');
      case 'containerd.events.TaskExecAdded':
        return this.#shown(view, 'exec_create', { execID: TaskExecAdded.decode(value).execId });
      case 'containerd.events.TaskExecStarted':
        return this.#shown(view, 'exec_start', { execID: TaskExecStarted.decode(value).execId });
      default:
        return undefined;
    }
  }

  #described({ image, labels, createdAt }: ContainerdContainer): void {
    if (createdAt === undefined) this.#labelsAtCreation = labels;
    else this.#know(new ContainerMetadata(this.id, image, labels));
  }

  #created(image: string): void {
    this.#know(new ContainerMetadata(this.id, image, this.#labelsAtCreation));
    this.#labelsAtCreation = undefined;
  }

  #know(metadata: ContainerMetadata): void {
    this.#metadata = metadata;
    this.#metadataBytes = metadata.bytes;
  }

  get #isMadeForEachStart(): boolean {
    return isMadeForEachStart(this.namespace, this.id, this.#metadata.image);
  }

  /**
   * A start is shown once for each run, and not after the end of the run: an exit may be stored
   * before the start.
   */
  #started(view: EventView, payload: Any): DockerEventFields | undefined {
    const before = this.#runs.newest;
    const startedBefore = before?.startedAt;
    this.#fold(view, payload);
    const run = this.#runs.newest;
    if (run === before && run?.startedAt === startedBefore) return undefined;
    if (run?.exit !== undefined) return undefined;
    this.#paused = false;
    return this.#shown(view, 'start');
  }

  #exited(view: EventView, payload: Any): DockerEventFields | undefined {
    const { containerId, id, exitStatus } = TaskExit.decode(payload.value);
    if (id !== '' && id !== containerId) {
      return this.#shown(view, 'exec_die', { execID: id, exitCode: String(exitStatus) });
    }
    return this.#ended(view, payload);
  }

  /** A deleted task replaces the exit that was never reported, of a run whose start was. */
  #taskDeleted(view: EventView, payload: Any): DockerEventFields | undefined {
    if (this.#runs.newest?.startedAt === undefined) return undefined;
    return this.#ended(view, payload);
  }

  /**
   * Each run has one die, for its first exit. An exit after the end, or with another pid than the
   * current run, is a late report of an earlier run.
   */
  #ended(view: EventView, payload: Any): DockerEventFields | undefined {
    const before = this.#runs.newest;
    if (before?.exit !== undefined) return undefined;
    this.#fold(view, payload);
    const run = this.#runs.newest;
    if (run?.exit === undefined) return undefined;
    this.#paused = false;
    return this.#shown(view, 'die', dieAttributes(run));
  }

  #pausedOrResumed(view: EventView, paused: boolean): DockerEventFields | undefined {
    if (this.#paused === paused) return undefined;
    this.#paused = paused;
    return this.#shown(view, paused ? 'pause' : 'unpause');
  }

  #fold(view: EventView, payload: Any): void {
    const event = runEvent(payload);
    if (event !== undefined) this.#runs.add(event, view);
  }

  #shown(
    { timestamp }: EventView,
    action: string,
    extras: Readonly<Record<string, string>> = {},
  ): DockerEventFields {
    return {
      type: 'container',
      action,
      actorId: this.id,
      attributes: this.#metadata.attributes(extras),
      scope: 'local',
      timeNano: timestamp,
    };
  }
}

function dieAttributes({ startedAt, exit }: Run): Record<string, string> {
  if (exit === undefined) return {};
  const exitCode = String(exit.status);
  if (startedAt === undefined || exit.exitedAt < startedAt) return { exitCode };
  return { exitCode, execDuration: String((exit.exitedAt - startedAt) / 1_000_000_000n) };
}

/**
 * The projection's next event. A payload that cannot be decoded has none; gRPC readers still
 * receive its entry.
 */
export function project(
  projection: ContainerProjection,
  view: EventView,
  payload: Any,
  engineRecorded: boolean,
): Projected | undefined {
  try {
    return projection.next(view, payload, engineRecorded);
  } catch {
    return undefined;
  }
}
