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

/** The runs that have not ended, by the history and by events since. */
export class OpenTasks {
  readonly #byKey = new Map<string, OpenTask>();

  get(namespace: string, containerId: string): OpenTask | undefined {
    return this.#byKey.get(`${namespace}/${containerId}`);
  }

  all(): OpenTask[] {
    return [...this.#byKey.values()];
  }

  add(task: OpenTask): void {
    this.#byKey.set(`${task.namespace}/${task.containerId}`, task);
  }

  delete({ namespace, containerId }: Pick<OpenTask, 'namespace' | 'containerId'>): void {
    this.#byKey.delete(`${namespace}/${containerId}`);
  }

  /** Applies an event that was taken over. */
  onEvent({ namespace, topic, timestamp, event }: Envelope): void {
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
        if (isOwn && (pid === 0 || open?.pid === pid)) this.delete({ namespace, containerId });
        return;
      }
      default:
    }
  }
}
