import { ContainerCreate, ContainerUpdate } from '../../protos/gen/containerd/events/container.js';
import { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { ContainerdContainer } from '../../protos/gen/foghorn/v1/recording.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { EventView } from '../events/event-view.js';
import { CONTAINERD_CONTAINER, DOCKER_CONTAINER } from '../events/filed-types.js';
import type { ContainerKey } from '../events/filing.js';
import { typeName } from '../events/type-name.js';
import { isMadeForEachStart } from './container-conventions.js';
import { ContainerDetails } from './container-details.js';
import { describedRun, runOfDescription } from './described-run.js';
import { startOf, type Lifetime, type TrackedRun } from './tracked-run.js';
import { runEvent } from './run-event.js';
import { isOpen, type Run } from './run.js';
import { Runs } from './runs.js';

/** A change between running and paused. */
interface PauseChange {
  readonly time: bigint;
  readonly paused: boolean;
}

/** Types after which the container exists anew, or that precede its creation. */
const OPENING_TYPES: ReadonlySet<string> = new Set([
  CONTAINERD_CONTAINER,
  'containerd.events.ContainerCreate',
]);

/** A start in an engine's description and the event of the same start may differ so much, ns. */
const SAME_START = 1_000_000_000n;

/** All that the kept entries say about a container itself, from which any moment can be derived. */
export class ContainerLifecycle {
  readonly details: ContainerDetails;
  /** In the order in which they were first reported. */
  readonly runs: TrackedRun[] = [];
  /** Oldest first. Empty if no entry is about this container. */
  readonly lifetimes: Lifetime[] = [];
  readonly pauses: PauseChange[] = [];
  readonly #runs = new Runs('', (run) => {
    this.#begin(run);
  });
  /** Time of the entry that is added, ns since 1970. */
  #time = 0n;

  /** @param at the moment in question, ns since 1970; undefined is now */
  constructor(
    readonly key: ContainerKey,
    private readonly at: bigint | undefined,
  ) {
    this.details = new ContainerDetails(key.container);
  }

  /** Adds the container's next entry. One whose payload cannot be decoded says nothing. */
  add(view: EventView): void {
    const { payload, timestamp } = view;
    if (payload === undefined) return;
    this.#time = timestamp;
    const name = typeName(payload.typeUrl);
    if (!OPENING_TYPES.has(name)) this.#exist();
    try {
      this.#describe(name, payload.value, view);
    } catch {
      return;
    }
    const event = runEvent(payload);
    // The description is added to the runs above, with the times that it gives.
    if (event === undefined || event.kind === 'described') return;
    if (event.kind === 'create' || event.kind === 'start') this.#outliveRemoval();
    // A command that could not be run has no container besides.
    if (event.kind === 'create' && event.pid === 0) this.#exist().createdAt ??= this.#time;
    this.#runs.add(event, view);
    this.#noteEnd();
  }

  #describe(name: string, value: Uint8Array, { cursor }: EventView): void {
    const isLate = this.at !== undefined && this.#time > this.at;
    const { details } = this;
    switch (name) {
      case CONTAINERD_CONTAINER:
        this.#describedByContainerd(ContainerdContainer.decode(value), isLate);
        return;
      case 'containerd.events.ContainerCreate':
        details.created(ContainerCreate.decode(value), isLate);
        this.#createdByContainerd();
        return;
      case 'containerd.events.ContainerUpdate':
        details.updated(ContainerUpdate.decode(value), isLate);
        return;
      case 'containerd.events.ContainerDelete':
        if (!this.#isMadeForEachStart) this.#exist().removedAt = this.#time;
        return;
      case 'containerd.events.TaskOOM':
        this.#outOfMemory();
        return;
      case 'containerd.events.TaskPaused':
      case 'containerd.events.TaskResumed':
        this.pauses.push({ time: this.#time, paused: name === 'containerd.events.TaskPaused' });
        return;
      case 'foghorn.v1.DockerEvent':
        this.#reportedByEngine(DockerEvent.decode(value), isLate);
        return;
      case DOCKER_CONTAINER:
        this.#describedByEngine(DockerContainer.decode(value), cursor);
    }
  }

  get #isMadeForEachStart(): boolean {
    const { namespace, container } = this.key;
    return isMadeForEachStart(namespace, container, this.details.containerdImage);
  }

  #createdByContainerd(): void {
    if (this.#isMadeForEachStart) this.#exist().createdAt ??= this.#time;
    else this.lifetimes.push({ createdAt: this.#time, removedAt: undefined });
  }

  #describedByContainerd(described: ContainerdContainer, isLate: boolean): void {
    this.details.described(described, isLate);
    const { createdAt } = described;
    if (createdAt === undefined || this.#isMadeForEachStart) return;
    const created = nanosFromTimestamp(createdAt);
    const newest = this.lifetimes.at(-1);
    const isRemoved = newest?.removedAt !== undefined && newest.removedAt <= created;
    if (newest === undefined || isRemoved) {
      this.lifetimes.push({ createdAt: created, removedAt: undefined, mayHaveRun: true });
    } else newest.createdAt ??= created;
  }

  #reportedByEngine(event: DockerEvent, isLate: boolean): void {
    if (event.type !== 'container') return;
    this.details.reportedByEngine(event, isLate);
    switch (event.action) {
      case 'create':
        // An engine uses no id twice, and containerd may have reported the first start before.
        this.#exist().createdAt = this.#time;
        return;
      case 'destroy':
      case 'remove':
        this.#exist().removedAt = this.#time;
        return;
      case 'pause':
      case 'unpause':
        this.pauses.push({ time: this.#time, paused: event.action === 'pause' });
        return;
      case 'oom':
        this.#outOfMemory();
    }
  }

  /** The engine's description of a container, of which it stores no earlier events. */
  #describedByEngine(described: DockerContainer, cursor: string): void {
    this.details.describedByEngine(described);
    const lifetime = this.#exist();
    const { createdAt, oomKilled: oom, status } = described;
    lifetime.createdAt ??= createdAt && nanosFromTimestamp(createdAt);
    const run = runOfDescription(describedRun(described), cursor);
    if (run === undefined) return;
    const { engineStartedAt: describedStart } = run;
    const newest = this.runs.at(-1);
    if (newest !== undefined) {
      if (isOpen(newest.run)) newest.describedStart ??= describedStart;
      return;
    }
    this.runs.push({ run, lifetime, describedStart, oom, overAt: undefined });
    if (status === 'paused') this.pauses.push({ time: this.#time, paused: true });
  }

  /** The newest existence. */
  #exist(): Lifetime {
    const newest = this.lifetimes.at(-1);
    if (newest !== undefined) return newest;
    const first: Lifetime = { createdAt: undefined, removedAt: undefined };
    this.lifetimes.push(first);
    return first;
  }

  /** A start after a removal: the creation was not reported. */
  #outliveRemoval(): void {
    const { removedAt } = this.#exist();
    if (removedAt === undefined || removedAt >= this.#time) return;
    this.lifetimes.push({ createdAt: undefined, removedAt: undefined });
  }

  #begin(run: Run): void {
    const before = this.runs.at(-1);
    if (before !== undefined && this.#isDescribed(before, run)) {
      before.run = run;
      return;
    }
    if (before !== undefined) before.overAt ??= this.#time;
    const lifetime = this.#exist();
    this.runs.push({ run, lifetime, describedStart: undefined, oom: false, overAt: undefined });
  }

  /** Whether the engine's description was about this run, which its own events now report. */
  #isDescribed(described: TrackedRun, { createdAt, startedAt, engineStartedAt }: Run): boolean {
    const { run, describedStart } = described;
    if (describedStart === undefined || !isOpen(run) || run.pid !== 0) return false;
    const begin = startedAt ?? createdAt ?? engineStartedAt;
    return begin === undefined || begin <= describedStart + SAME_START;
  }

  /** Notes when a run was over of which no exit was reported. */
  #noteEnd(): void {
    const newest = this.runs.at(-1);
    if (newest !== undefined && !isOpen(newest.run)) newest.overAt ??= this.#time;
  }

  #outOfMemory(): void {
    const newest = this.runs.at(-1);
    if (newest !== undefined && (isOpen(newest.run) || startOf(newest) !== undefined)) {
      newest.oom = true;
    }
  }
}
