import type { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { ShownEvent } from './shown-event.js';

/** What a container is doing, as far as events tell it: Docker's words, but for what is not there any more. */
export type ContainerStatus = 'created' | 'running' | 'paused' | 'exited' | 'removed';

/** What an action adds to the attributes that a container has by itself. */
const EXTRAS = new Set(['image', 'name', 'exitCode', 'execDuration', 'oldName']);

/** What tells whether a container runs, and how it ended. */
const TELLING = new Set(['create', 'start', 'die', 'destroy']);

const NO_LABELS: ReadonlyMap<string, string> = new Map();

/** A container as its Docker events tell of it, one after the other, or its engine when it was asked. Times are ns since 1970. */
export class ContainerState {
  status: ContainerStatus = 'created';
  name: string;
  image = '';
  labels = NO_LABELS;
  /** Of the newest entry that has told something of it. */
  offset = 0;
  createdAt: bigint | undefined;
  startedAt: bigint | undefined;
  finishedAt: bigint | undefined;
  /** Of the newest run that has ended; undefined while none has. */
  exitCode: number | undefined;
  /** Nobody has reported how its newest run ended, or whether it ever ran. */
  endUnknown = true;
  oomKilled = false;
  #known = false;
  /** Its engine's own events tell how it is. */
  #followed = false;

  constructor(readonly id: string) {
    this.name = id;
  }

  /** Whether anything was told of it. */
  get isKnown(): boolean {
    return this.#known;
  }

  get isRunning(): boolean {
    return this.status === 'running' || this.status === 'paused';
  }

  /** Takes an event of this container into account, if it was not before. */
  apply({ fields: { action, attributes, timeNano }, offset, isOfEngine }: ShownEvent): void {
    if (offset <= this.offset || !this.#change(action, attributes, timeNano)) return;
    this.offset = offset;
    if (isOfEngine && TELLING.has(action)) this.#followed = true;
    this.#known = true;
    this.name = attributes.get('name') ?? this.name;
    this.image = attributes.get('image') ?? this.image;
    this.labels = new Map([...attributes].filter(([name]) => !EXTRAS.has(name)));
  }

  /**
   * Takes into account how its engine has described it. Where the engine's events have told how it is, they know better: it may have
   * been described before them and stored after.
   */
  describe(described: DockerContainer, offset: number): void {
    if (offset <= this.offset || this.#followed) return;
    this.offset = offset;
    this.#known = true;
    this.status = statusOf(described.status);
    this.name = described.name;
    this.image = described.image;
    this.labels = described.labels;
    this.createdAt = timeOf(described.createdAt);
    this.startedAt = timeOf(described.startedAt);
    this.finishedAt = timeOf(described.finishedAt);
    this.exitCode = described.exitCode;
    this.endUnknown = this.status === 'exited' && this.exitCode === undefined;
    this.oomKilled = described.oomKilled;
  }

  /** What has been removed is not listed, and its labels may be large. */
  forgetDetails(): void {
    this.labels = NO_LABELS;
    this.image = '';
  }

  /** False for actions that change nothing of what is told here. */
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
        this.status = 'exited';
        this.finishedAt = time;
        this.exitCode = exitCodeIn(attributes);
        this.endUnknown = this.exitCode === undefined;
        return true;
      case 'destroy':
        if (this.isRunning) this.endUnknown = true;
        this.status = 'removed';
        return true;
      case 'pause':
      case 'unpause':
        this.status = action === 'pause' ? 'paused' : 'running';
        return true;
      case 'oom':
        // Its beginning may have come before all that was recorded.
        if (!this.#known) this.status = 'running';
        this.oomKilled = true;
        return true;
      case 'rename':
        return true;
      default:
        return false;
    }
  }

  #begin(status: ContainerStatus): void {
    this.status = status;
    this.oomKilled = false;
    this.endUnknown = false;
  }
}

/** One that is restarting, or about to be removed, has ended, as after its die. */
function statusOf(text: string): ContainerStatus {
  return text === 'created' || text === 'running' || text === 'paused' ? text : 'exited';
}

function timeOf(time: Timestamp | undefined): bigint | undefined {
  return time && nanosFromTimestamp(time);
}

/** The exit code that a die tells; undefined when it tells none. */
function exitCodeIn(attributes: ReadonlyMap<string, string>): number | undefined {
  const text = attributes.get('exitCode');
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}
