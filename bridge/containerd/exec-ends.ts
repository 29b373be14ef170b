import { setTimeout as delay } from 'node:timers/promises';
import { timestampFromNanos, unpack } from '../../client/index.js';
import type { Envelope } from '../../client/index.js';
import type { AskedContainer } from '../../client/own-programs.js';
import { systemClock } from '../../protocol/clock.js';
import { OBSERVED_EXEC_TOPIC } from '../../protocol/recorder-topics.js';
import { ObservedExec } from '../../protos/gen/foghorn/v1/run.js';
import { Status } from '../../protos/gen/containerd/types/task/task.js';
import type { StoreQueue } from '../store-queue.js';
import type { TaskClient } from './task-client.js';

/** How long an event about the exec may take before the observation is stored instead. */
const EVENT_MS = 1000;

const FORGOTTEN = 'containerd no longer knows the exec, which may never have been started';

type ExecObservation = NonNullable<ObservedExec['observation']>;

interface ExecQuestion {
  readonly key: string;
  /** Whether an event about the exec has arrived since the question. */
  isOvertaken: boolean;
}

/**
 * Finds out how execs ended when no event says so: containerd reports no start that failed, and an
 * end may have been missed.
 */
export class ExecEnds {
  readonly #questions = new Set<ExecQuestion>();

  constructor(
    private readonly tasks: Pick<TaskClient, 'get'>,
    private readonly queue: Pick<StoreQueue, 'add'>,
  ) {}

  /** Applies an event that was taken over. */
  onEvent({ namespace, topic, event }: Envelope): void {
    if (this.#questions.size === 0 || !topic.startsWith('/tasks/')) return;
    const payload = unpack(event);
    let exec: string;
    switch (payload?.type) {
      case 'containerd.events.TaskExecAdded':
      case 'containerd.events.TaskExecStarted':
        exec = payload.value.execId;
        break;
      case 'containerd.events.TaskExit':
        exec = payload.value.id;
        break;
      default:
        return;
    }
    const key = keyOf({ namespace, containerId: payload.value.containerId, execId: exec });
    for (const question of this.#questions) if (question.key === key) question.isOvertaken = true;
  }

  /** Stores the end of an exec if it is over and no event about it comes soon. */
  async note(exec: AskedContainer, signal: AbortSignal): Promise<void> {
    const question: ExecQuestion = { key: keyOf(exec), isOvertaken: false };
    this.#questions.add(question);
    try {
      const observation = await this.#observe(exec);
      if (observation === undefined) return;
      await delay(EVENT_MS, undefined, { signal });
      if (!question.isOvertaken) this.#store(exec, observation);
    } finally {
      this.#questions.delete(question);
    }
  }

  /** Returns undefined for an exec that goes on, or may still be started. */
  async #observe({
    namespace,
    containerId,
    execId,
  }: AskedContainer): Promise<ExecObservation | undefined> {
    const process = await this.tasks.get(namespace, containerId, execId);
    if (process === undefined) {
      return { $case: 'lost', value: { reason: FORGOTTEN, lastSeen: undefined } };
    }
    if (process.status !== Status.STOPPED) return undefined;
    const { exitStatus, exitedAt } = process;
    return { $case: 'ended', value: { exitStatus, exitedAt } };
  }

  #store({ namespace, containerId, execId }: AskedContainer, observation: ExecObservation): void {
    const value = ObservedExec.encode({ containerId, execId, observation }).finish();
    const event = { typeUrl: 'foghorn.v1.ObservedExec', value: Buffer.from(value) };
    const timestamp = timestampFromNanos(systemClock());
    this.queue.add({ envelope: { timestamp, namespace, topic: OBSERVED_EXEC_TOPIC, event } });
  }
}

function keyOf({ namespace, containerId, execId }: AskedContainer): string {
  return `${namespace}/${containerId}/${execId}`;
}
