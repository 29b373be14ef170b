import { events, pack, timestampFromNanos } from '../../../client/index.js';
import type { Envelope } from '../../../client/index.js';

type Payload = NonNullable<Envelope['event']>;

/** Builds containerd's reports about one container of an engine; times in ns since 1970. */
export class ReportedContainer {
  constructor(
    readonly id: string,
    private readonly namespace = 'moby',
  ) {}

  created(time: bigint, pid: number): Envelope {
    return this.#at(time, '/tasks/create', pack(events.TaskCreate, { containerId: this.id, pid }));
  }

  started(time: bigint, pid: number): Envelope {
    return this.#at(time, '/tasks/start', pack(events.TaskStart, { containerId: this.id, pid }));
  }

  /** The end of its own process, or of an exec with another id. */
  exited(time: bigint, pid: number, exitStatus: number, id = this.id): Envelope {
    const exitedAt = timestampFromNanos(time);
    const exit = { containerId: this.id, id, pid, exitStatus, exitedAt };
    return this.#at(time, '/tasks/exit', pack(events.TaskExit, exit));
  }

  #at(time: bigint, topic: string, event: Payload): Envelope {
    return { timestamp: timestampFromNanos(time), namespace: this.namespace, topic, event };
  }
}
