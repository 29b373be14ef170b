import { nanosFromTimestamp, unpack } from '../../client/index.js';
import type { Envelope } from '../../client/index.js';

/** A run that has not ended, as far as it was reported. */
export interface OpenTask {
  readonly namespace: string;
  readonly containerId: string;
  /** 0 if it was not reported. */
  readonly pid: number;
  /** When it was last known to run, ns since 1970. */
  readonly lastSeen: bigint | undefined;
}

/** The runs that have not ended, and the newest that have, by the history and by events since. */
export class OpenTasks {
  readonly #byKey = new Map<string, OpenTask>();
  /** The pid of the newest run that has ended, by container. */
  readonly #endedPids = new Map<string, number>();
  readonly #watches = new Set<Set<string>>();

  /**
   * Runs a function with the set of containers that events are about while it runs, by
   * `containerName`: what it has asked about them before is outdated.
   */
  async watching<Result>(run: (changed: ReadonlySet<string>) => Promise<Result>): Promise<Result> {
    const changed = new Set<string>();
    this.#watches.add(changed);
    try {
      return await run(changed);
    } finally {
      this.#watches.delete(changed);
    }
  }

  get(namespace: string, containerId: string): OpenTask | undefined {
    return this.#byKey.get(containerName(namespace, containerId));
  }

  all(): OpenTask[] {
    return [...this.#byKey.values()];
  }

  /** Whether any run of the container is known. */
  isKnown({ namespace, containerId }: Pick<OpenTask, 'namespace' | 'containerId'>): boolean {
    const key = containerName(namespace, containerId);
    return this.#byKey.has(key) || this.#endedPids.has(key);
  }

  /** Whether the end of this run was reported. */
  hasEnded(namespace: string, containerId: string, pid: number): boolean {
    return this.#endedPids.get(containerName(namespace, containerId)) === pid;
  }

  add(task: OpenTask): void {
    this.#byKey.set(containerName(task.namespace, task.containerId), task);
  }

  /** Notes that a run is over. */
  end({ namespace, containerId, pid }: Omit<OpenTask, 'lastSeen'>): void {
    const key = containerName(namespace, containerId);
    this.#byKey.delete(key);
    if (pid !== 0) this.#endedPids.set(key, pid);
  }

  /** Applies an event that was taken over. */
  onEvent({ namespace, topic, timestamp, event }: Envelope): void {
    if (topic === '/containers/delete') this.#forget(namespace, event);
    if (!topic.startsWith('/tasks/')) return;
    const payload = unpack(event);
    switch (payload?.type) {
      case 'containerd.events.TaskCreate':
      case 'containerd.events.TaskStart': {
        const { containerId, pid } = payload.value;
        const lastSeen = timestamp && nanosFromTimestamp(timestamp);
        this.#noteChange(namespace, containerId);
        this.add({ namespace, containerId, pid, lastSeen });
        return;
      }
      case 'containerd.events.TaskExit':
      case 'containerd.events.TaskDelete': {
        const { containerId, id, pid } = payload.value;
        const isOwn = id === '' || id === containerId;
        const open = this.get(namespace, containerId);
        if (!isOwn) return;
        this.#noteChange(namespace, containerId);
        if (pid === 0 || open === undefined || open.pid === pid) {
          this.end({ namespace, containerId, pid: pid === 0 ? (open?.pid ?? 0) : pid });
        }
        return;
      }
      default:
    }
  }

  #forget(namespace: string, event: Envelope['event']): void {
    const payload = unpack(event);
    if (payload?.type !== 'containerd.events.ContainerDelete') return;
    this.#noteChange(namespace, payload.value.id);
    this.#endedPids.delete(containerName(namespace, payload.value.id));
  }

  #noteChange(namespace: string, containerId: string): void {
    for (const changed of this.#watches) changed.add(containerName(namespace, containerId));
  }
}

export function containerName(namespace: string, containerId: string): string {
  return `${namespace}/${containerId}`;
}
