import { events, pack, timestampFromNanos } from '../../../client/index.js';
import type { Any, Envelope } from '../../../client/index.js';

/** A process that is monitored as a container. */
export interface Task {
  readonly namespace: string;
  readonly containerId: string;
  readonly pid: number;
}

/** The process was made at this time (ns since 1970) in this directory. */
export function taskCreate(task: Task, time: bigint, directory: string): Envelope {
  const { containerId, pid } = task;
  return envelope(
    task,
    '/tasks/create',
    time,
    pack(events.TaskCreate, { containerId, bundle: directory, pid }),
  );
}

/** It began to run at this time. */
export function taskStart(task: Task, time: bigint): Envelope {
  const { containerId, pid } = task;
  return envelope(task, '/tasks/start', time, pack(events.TaskStart, { containerId, pid }));
}

/** It ended at this time; the status is 128 + n for an end by signal n. */
export function taskExit(task: Task, time: bigint, exitStatus: number): Envelope {
  const { containerId, pid } = task;
  const exitedAt = timestampFromNanos(time);
  const exit = pack(events.TaskExit, { containerId, id: containerId, pid, exitStatus, exitedAt });
  return envelope(task, '/tasks/exit', time, exit);
}

function envelope({ namespace }: Task, topic: string, time: bigint, event: Any): Envelope {
  return { timestamp: timestampFromNanos(time), namespace, topic, event };
}
