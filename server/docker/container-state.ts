import type { DockerEventFields } from '../../protos/docker-event.js';

/** What a container is doing, as far as events tell it: Docker's words, but for what is not there any more. */
export type ContainerStatus = 'created' | 'running' | 'paused' | 'exited' | 'removed';

/** What an action adds to the attributes that a container has by itself. */
const EXTRAS = new Set(['image', 'name', 'exitCode', 'execDuration', 'oldName']);

/** A container as its Docker events tell of it, one after the other. Times are ns since 1970. */
export class ContainerState {
  status: ContainerStatus = 'created';
  name: string;
  image = '';
  labels: ReadonlyMap<string, string> = new Map();
  /** Of the newest event. */
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
  apply({ action, attributes, timeNano }: DockerEventFields, offset: number): void {
    if (offset <= this.offset || !this.#change(action, attributes, timeNano)) return;
    this.offset = offset;
    this.#known = true;
    this.name = attributes.get('name') ?? this.name;
    this.image = attributes.get('image') ?? this.image;
    this.labels = new Map([...attributes].filter(([name]) => !EXTRAS.has(name)));
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

/** The exit code that a die tells; undefined when it tells none. */
function exitCodeIn(attributes: ReadonlyMap<string, string>): number | undefined {
  const text = attributes.get('exitCode');
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}
