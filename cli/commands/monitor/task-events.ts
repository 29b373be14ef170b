import { events, pack, timestampFromNanos } from '../../../client/index.js';
import type { Any, Envelope } from '../../../client/index.js';

/** A process that is reported as a container. */
export interface Task {
  readonly namespace: string;
  readonly containerId: string;
  readonly pid: number;
}

/** @param time when the process was created, in nanoseconds since 1970 */
export function taskCreate(task: Task, time: bigint, directory: string): Envelope {
  const { containerId, pid } = task;
  return envelope(
    task,
    '/tasks/create',
    time,
    pack(events.TaskCreate, { containerId, bundle: directory, pid }),
  );
}

/** @param time when the process began to run, in nanoseconds since 1970 */
export function taskStart(task: Task, time: bigint): Envelope {
  const { containerId, pid } = task;
  return envelope(task, '/tasks/start', time, pack(events.TaskStart, { containerId, pid }));
}

/**
 * @param time when the process ended, in nanoseconds since 1970
 * @param exitStatus exit code; 128 + n if signal n ended the process
 */
export function taskExit(task: Task, time: bigint, exitStatus: number): Envelope {
  const { containerId, pid } = task;
  const exitedAt = timestampFromNanos(time);
  const exit = pack(events.TaskExit, { containerId, id: containerId, pid, exitStatus, exitedAt });
  return envelope(task, '/tasks/exit', time, exit);
}

function envelope({ namespace }: Task, topic: string, time: bigint, event: Any): Envelope {
  return { timestamp: timestampFromNanos(time), namespace, topic, event };
}
