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

  get(namespace: string, containerId: string): OpenTask | undefined {
    return this.#byKey.get(`${namespace}/${containerId}`);
  }

  all(): OpenTask[] {
    return [...this.#byKey.values()];
  }

  /** Whether any run of the container is known. */
  isKnown({ namespace, containerId }: Pick<OpenTask, 'namespace' | 'containerId'>): boolean {
    const key = `${namespace}/${containerId}`;
    return this.#byKey.has(key) || this.#endedPids.has(key);
  }

  /** Whether the end of this run was reported. */
  hasEnded(namespace: string, containerId: string, pid: number): boolean {
    return this.#endedPids.get(`${namespace}/${containerId}`) === pid;
  }

  add(task: OpenTask): void {
    this.#byKey.set(`${task.namespace}/${task.containerId}`, task);
  }

  /** Notes that a run is over. */
  end({ namespace, containerId, pid }: Omit<OpenTask, 'lastSeen'>): void {
    const key = `${namespace}/${containerId}`;
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
        this.add({ namespace, containerId, pid, lastSeen });
        return;
      }
      case 'containerd.events.TaskExit':
      case 'containerd.events.TaskDelete': {
        const { containerId, id, pid } = payload.value;
        const isOwn = id === '' || id === containerId;
        const open = this.get(namespace, containerId);
        if (!isOwn) return;
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
    this.#endedPids.delete(`${namespace}/${payload.value.id}`);
  }
}
