import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';

/** A container as the history knows it. */
export interface KnownContainer {
  readonly state: 'created' | 'running' | 'ended';
  /** Whether the history has a run of it, by containerd's events, that has not ended. */
  readonly isOpen: boolean;
  /** When that run began, ns since 1970. */
  readonly openSince?: bigint | undefined;
  /** When it was last known to run, ns since 1970. */
  readonly lastSeen: bigint | undefined;
}

/** The containers of an engine that were not removed, by the history and by events since. */
export class KnownContainers {
  readonly #byId = new Map<string, KnownContainer>();
  /** Containers whose removal has arrived while the history is read; undefined after that. */
  #removed: Set<string> | undefined = new Set();

  get(id: string): KnownContainer | undefined {
    return this.#byId.get(id);
  }

  /** Adds a container of the history, unless an event that has arrived meanwhile is newer. */
  addFromHistory(id: string, known: KnownContainer): void {
    if (!this.#byId.has(id) && this.#removed?.has(id) !== true) this.#byId.set(id, known);
  }

  /** Notes that the history has been read. */
  historyWasRead(): void {
    this.#removed = undefined;
  }

  set(id: string, known: KnownContainer): void {
    this.#byId.set(id, known);
  }

  entries(): [string, KnownContainer][] {
    return [...this.#byId];
  }

  /** Applies an event of the engine, or one that stands for an event. */
  onEvent({ type, action, actorId: id, timeNano }: DockerEvent): void {
    if (type !== 'container') return;
    if (action === 'destroy' || action === 'remove') {
      this.#byId.delete(id);
      this.#removed?.add(id);
    } else if (action === 'create') {
      this.#byId.set(id, { state: 'created', isOpen: false, lastSeen: undefined });
    } else if (action === 'start') {
      this.#byId.set(id, { state: 'running', isOpen: false, lastSeen: timeNano });
    } else if (action === 'die') {
      this.#byId.set(id, { state: 'ended', isOpen: false, lastSeen: timeNano });
    }
  }

  /** Notes that a container was seen to run. */
  seen(id: string, time: bigint): void {
    const known = this.#byId.get(id);
    if (known?.state === 'running') this.#byId.set(id, { ...known, lastSeen: time });
  }
}
