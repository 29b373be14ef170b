import type { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import type { ContainerdContainer } from '../../protos/gen/foghorn/v1/recording.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import { attributesOn } from '../../protocol/container-attributes.js';
import { familiarName } from '../../protocol/image-reference.js';
import { nameInLabels } from '../runs/container-conventions.js';
import { exitCodeIn } from '../runs/run-event.js';
import { knownExitCode } from '../runs/described-run.js';
import type { ExistingContainer } from './described-container.js';
import { healthIn, type Health } from './health.js';
import type { RunChange } from './run-change.js';
import type { ShownEvent } from './shown-event.js';

/** The status of a container according to its events, in Docker's words; `removed` is ours. */
export type ContainerStatus =
  'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removed';

/** Attributes of events that are never labels of the container; Podman adds the last two. */
const OWN_ATTRIBUTES = new Set(['image', 'name', 'containerExitCode', 'podId']);

/** Attributes that an engine or an action adds, and that may hide a label. */
const HIDING_ATTRIBUTES = ['exitCode', 'execDuration', 'oldName', ...OWN_ATTRIBUTES];

/** Actions that say whether a container runs, and how it ended. */
const LIFECYCLE_ACTIONS = new Set(['create', 'start', 'die', 'destroy', 'remove']);

const NO_LABELS: ReadonlyMap<string, string> = new Map();

/**
 * The state of a container, derived from its Docker events, or from the description of its engine.
 * Times are ns since 1970.
 */
export class ContainerState {
  status: ContainerStatus = 'created';
  name: string;
  image = '';
  /** Id of the image; empty if its engine has not described the container. */
  imageId = '';
  labels = NO_LABELS;
  /** The offset of the newest entry that changed it. */
  offset = 0;
  createdAt: bigint | undefined;
  startedAt: bigint | undefined;
  finishedAt: bigint | undefined;
  removedAt: bigint | undefined;
  /** Exit code of the newest run that has ended; undefined while none has. */
  exitCode: number | undefined;
  /** Whether the end of the newest run, or whether it ever ran, was not reported. */
  endUnknown = true;
  oomKilled = false;
  /** Undefined for a container of which no health check was reported. */
  health: Health | undefined;
  /** Why the end of the newest run cannot be known; empty if it can, or has not come. */
  lost = '';
  /** Why the newest start failed; undefined if it did not. */
  startFailure: string | undefined;
  #known = false;
  /** Whether its engine's own events say how it is. */
  #followed = false;

  constructor(readonly id: string) {
    this.name = id;
  }

  /** Whether any event was about it. */
  get isKnown(): boolean {
    return this.#known;
  }

  get isRunning(): boolean {
    return this.status === 'running' || this.status === 'paused';
  }

  /** Whether an engine counts it as running, which it does while it waits to start it again. */
  get isShownRunning(): boolean {
    return this.isRunning || this.status === 'restarting';
  }

  /**
   * The exit code that Docker clients see: 0 while it runs and before its first run, 255 if the
   * code is not known.
   */
  get shownExitCode(): number {
    if (this.isRunning) return 0;
    return this.exitCode ?? (this.endUnknown || this.status === 'exited' ? 255 : 0);
  }

  /** Applies an event of this container, unless a newer one was applied. */
  apply({ fields, options, offset, isOfEngine }: ShownEvent): void {
    const { action, attributes, timeNano } = fields;
    if (offset <= this.offset || options.isOfEarlierRun) return;
    if (!this.#change(action, attributes, timeNano)) return;
    if (action === 'die') this.lost = options.lost ?? '';
    // containerd reports the same for a container that could not be started, as `ctr run` does.
    if (action === 'destroy' && !isOfEngine && this.startedAt === undefined) this.endUnknown = true;
    this.offset = offset;
    if (isOfEngine && LIFECYCLE_ACTIONS.has(action)) this.#followed = true;
    this.#known = true;
    this.name = attributes.get('name') ?? this.name;
    this.image = attributes.get('image') ?? this.image;
    this.labels = this.#labelsOn(fields);
  }

  /**
   * A label may have the name of an attribute that hides it on events; labels called image and name
   * are known from the engine's description alone.
   */
  #labelsOn({ action, attributes }: ShownEvent['fields']): ReadonlyMap<string, string> {
    const labels = attributesOn({ action, attributes });
    for (const name of OWN_ATTRIBUTES) labels.delete(name);
    for (const name of HIDING_ATTRIBUTES) {
      const known = this.labels.get(name);
      if (known !== undefined && !labels.has(name) && attributes.has(name)) labels.set(name, known);
    }
    return labels;
  }

  /** Applies a change that has no event, unless a newer one was applied. */
  applyChange({ change, offset }: RunChange): void {
    if (offset <= this.offset) return;
    this.offset = offset;
    switch (change.kind) {
      case 'running':
        if (this.isRunning) return;
        this.#begin('running');
        this.createdAt ??= change.time;
        this.startedAt = change.time;
        return;
      case 'ended':
        this.#end(change.exitCode, change.time);
        this.lost = '';
        return;
      case 'not started':
        this.startFailure = change.reason;
        this.exitCode = change.exitCode;
        this.endUnknown = change.exitCode === undefined;
    }
  }

  /** Applies a description by the container's daemon, unless a newer event was applied. */
  describe({ by, container }: ExistingContainer, offset: number): void {
    // No event says it, and it never changes.
    if (by === 'engine' && container.imageId !== '') this.imageId = container.imageId;
    if (offset <= this.offset) return;
    if (by === 'engine') this.#describeByEngine(container, offset);
    else this.#describeByContainerd(container, offset);
  }

  /** containerd does not say whether the container has run. */
  #describeByContainerd(described: ContainerdContainer, offset: number): void {
    this.offset = offset;
    this.#known = true;
    const createdAt = timeOf(described.createdAt);
    if (this.status === 'removed') this.#existAgain();
    this.name = nameInLabels(this.id, described.labels);
    this.image = familiarName(described.image);
    this.labels = described.labels;
    this.createdAt ??= createdAt;
  }

  /** The id was given to another container, whose creation was not recorded. */
  #existAgain(): void {
    this.#begin('created');
    this.endUnknown = true;
    this.createdAt = this.startedAt = this.finishedAt = this.removedAt = undefined;
    this.exitCode = undefined;
  }

  /**
   * The engine's events take precedence, because a description may be older than events that were
   * stored before it.
   */
  #describeByEngine(described: DockerContainer, offset: number): void {
    if (this.#followed) {
      this.#describeRestart(statusOf(described.status), offset);
      return;
    }
    this.offset = offset;
    this.#known = true;
    this.status = statusOf(described.status);
    this.name = described.name;
    this.image = described.image;
    this.labels = described.labels;
    this.createdAt = timeOf(described.createdAt);
    this.startedAt = timeOf(described.startedAt);
    this.finishedAt = timeOf(described.finishedAt);
    this.exitCode = knownExitCode(described);
    const isOver = this.status === 'exited' || this.status === 'restarting';
    this.endUnknown = isOver && this.exitCode === undefined;
    this.oomKilled = described.oomKilled;
  }

  /** No event says that an engine is about to start a container again. */
  #describeRestart(described: ContainerStatus, offset: number): void {
    const isEnd = (status: ContainerStatus): boolean =>
      status === 'exited' || status === 'restarting';
    if (!isEnd(this.status) || !isEnd(described)) return;
    this.offset = offset;
    this.status = described;
  }

  /** Frees the labels of a removed container: it is not listed, and they may be large. */
  forgetDetails(): void {
    this.labels = NO_LABELS;
    this.image = this.imageId = '';
  }

  /** Returns false for actions that do not change the state. */
  #change(action: string, attributes: ReadonlyMap<string, string>, time: bigint): boolean {
    switch (action) {
      case 'create':
        this.#begin('created');
        this.createdAt = time;
        this.startedAt = this.finishedAt = this.exitCode = undefined;
        return true;
      case 'start':
        this.#begin('running');
        this.createdAt ??= time;
        this.startedAt = time;
        return true;
      case 'die':
        this.#end(exitCodeIn(attributes), time);
        return true;
      case 'destroy':
      case 'remove':
        if (this.isRunning) this.endUnknown = true;
        this.status = 'removed';
        this.removedAt = time;
        return true;
      case 'pause':
      case 'unpause':
        this.status = action === 'pause' ? 'paused' : 'running';
        return true;
      case 'oom':
        // The recording may have begun after the container did.
        if (!this.#known) this.status = 'running';
        this.oomKilled = true;
        return true;
      case 'rename':
        return true;
      default:
        return this.#checked(action);
    }
  }

  /** Returns false for an action that is not a result of a health check. */
  #checked(action: string): boolean {
    const health = healthIn(action);
    if (health === undefined) return false;
    this.health = health;
    return true;
  }

  #end(exitCode: number | undefined, time: bigint): void {
    this.status = 'exited';
    this.finishedAt = time;
    this.exitCode = exitCode;
    this.endUnknown = exitCode === undefined;
    this.createdAt ??= time;
    this.startFailure = undefined;
    // As engines say when no check runs any more.
    if (this.health !== undefined) this.health = 'unhealthy';
  }

  #begin(status: ContainerStatus): void {
    this.status = status;
    this.lost = '';
    this.startFailure = undefined;
    this.oomKilled = false;
    this.endUnknown = false;
    if (this.health !== undefined) this.health = 'starting';
  }
}

const KEPT_STATUSES: readonly string[] = ['created', 'running', 'paused', 'restarting'];

/** A container that is dead, or about to be removed, has ended. */
function statusOf(text: string): ContainerStatus {
  return KEPT_STATUSES.includes(text) ? (text as ContainerStatus) : 'exited';
}

function timeOf(time: Timestamp | undefined): bigint | undefined {
  return time && nanosFromTimestamp(time);
}
