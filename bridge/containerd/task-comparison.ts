import { setTimeout as delay } from 'node:timers/promises';
import { nanosFromTimestamp } from '../../client/index.js';
import type { Envelope } from '../../client/index.js';
import { onAbort, type AskedContainer } from '../../client/own-programs.js';
import { systemClock } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import type { Process } from '../../protos/gen/containerd/types/task/task.js';
import { lostRun, observedRunEnvelope, type RunObservation } from '../reconcile/observed-run.js';
import { ExecEnds } from './exec-ends.js';
import { containerName, OpenTasks, type OpenTask } from './open-tasks.js';
import type { ContainerdRecorderContext } from './recorder-context.js';
import { isRunning, isStateKnown, TaskClient } from './task-client.js';
import { UnrecordedContainers } from './unrecorded-containers.js';
import type { UnrecordedCreations } from './unrecorded-creations.js';

/** Milliseconds between two comparisons, and after one that failed. */
const INTERVAL_MS = 60_000;
const RETRY_MS = 2000;

/** A difference counts if it is still there after this time, because events may be on their way. */
const SECOND_LOOK_MS = 2000;

/** How long an event that must come may take before the observation is stored instead. */
const EVENT_MS = 1000;
const POLL_MS = 20;

/**
 * A Docker engine knows how its containers ended when containerd does not any more, so its recorder
 * has this many milliseconds for it.
 */
const ENGINE_HEAD_START_MS = 15_000;
const ENGINE_NAMESPACE = 'moby';

/** Compares the runs that the history knows with containerd's tasks, and stores what was missed. */
export class TaskComparison {
  readonly #open = new OpenTasks();
  readonly #tasks: TaskClient;
  readonly #execs: ExecEnds;
  /** When a run was first missed, by the run, ms. */
  readonly #missedSince = new WeakMap<OpenTask, number>();

  readonly #unrecorded: UnrecordedContainers;

  constructor(
    private readonly context: ContainerdRecorderContext,
    private readonly creations: Pick<UnrecordedCreations, 'before'>,
  ) {
    this.#tasks = new TaskClient(context.from);
    this.#execs = new ExecEnds(this.#tasks, context.queue);
    this.#unrecorded = new UnrecordedContainers(context);
  }

  /** Notes the time from which every event arrives, ns since 1970. */
  onBegan(time: bigint): void {
    this.#unrecorded.began(time);
  }

  /** Applies an event that was taken over. */
  onEvent(envelope: Envelope): void {
    this.#open.onEvent(envelope);
    this.#execs.onEvent(envelope);
  }

  /** Compares at each interval until the signal aborts. */
  async run(): Promise<void> {
    const { signal } = this.context;
    onAbort(signal, () => {
      this.#tasks.close();
    });
    let hasRead = false;
    while (!signal.aborted) {
      let pause = RETRY_MS;
      try {
        if (!hasRead) await this.#readHistory(signal);
        hasRead = true;
        if (await this.#compareAll()) pause = INTERVAL_MS;
      } catch (error) {
        // The recording reports a daemon that does not answer.
        if (!(error instanceof FoghornError)) throw error;
      }
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Resolves when everything is stored that containerd has done. Its events come later than its
   * answers, so what it answers is stored if they do not come soon.
   */
  async bringUpToDate(asked: AskedContainer | undefined, signal: AbortSignal): Promise<void> {
    try {
      if (asked === undefined) await this.#settleAll();
      else if (asked.execId !== '') await this.#execs.note(asked, signal);
      else {
        const { namespace, containerId } = asked;
        const task = await this.#open.watching(async (changed) => {
          const answer = await this.#tasks.get(namespace, containerId);
          if (answer !== undefined) await this.#settle(namespace, answer, changed);
          return answer;
        });
        if (task === undefined) await this.#noteUnrecorded(asked);
      }
    } catch (error) {
      if (!(error instanceof FoghornError) || !knowsNothing(error)) throw error;
      // A containerd that does not run starts nothing, unless an engine has asked it for a start.
      if (asked?.namespace === ENGINE_NAMESPACE) throw error;
    }
    await this.context.queue.whenStored(signal);
    signal.throwIfAborted();
  }

  async #settleAll(): Promise<void> {
    await this.#open.watching(async (changed) => {
      const settled: Promise<void>[] = [];
      for (const namespace of await this.#tasks.namespaces()) {
        for (const task of await this.#tasks.list(namespace)) {
          settled.push(this.#settle(namespace, task, changed));
        }
      }
      await Promise.all(settled);
    });
  }

  /**
   * Waits for the event of a task's start or end; stores the observation if it does not come.
   *
   * @param changed containers that events have been about since before containerd was asked
   */
  async #settle(namespace: string, task: Process, changed: ReadonlySet<string>): Promise<void> {
    const containerId = idOf(task);
    if (!isStateKnown(task)) {
      throw new FoghornError('UNAVAILABLE', `the shim of container ${containerId} does not answer`);
    }
    const isSettled = (): boolean => {
      if (changed.has(containerName(namespace, containerId))) return true;
      if (!isRunning(task)) return this.#open.hasEnded(namespace, containerId, task.pid);
      return this.#open.get(namespace, containerId)?.pid === task.pid;
    };
    for (let waited = 0; !isSettled() && waited < EVENT_MS; waited += POLL_MS) {
      await delay(POLL_MS);
    }
    if (!isSettled()) this.#storeTask(namespace, containerId, task);
  }

  /**
   * An engine knows its containers itself. It makes containerd's container for each start, so one
   * without a task may be about to run: UNAVAILABLE.
   */
  async #noteUnrecorded(asked: AskedContainer): Promise<void> {
    const { namespace, containerId } = asked;
    if (namespace === ENGINE_NAMESPACE) {
      if (await this.context.descriptions.isUnknown(namespace, containerId)) return;
      throw new FoghornError('UNAVAILABLE', `a start of container ${containerId} may be under way`);
    }
    if (!this.#open.isKnown(asked)) await this.#unrecorded.note(namespace, containerId);
  }

  #storeTask(namespace: string, containerId: string, task: Process): void {
    const { pid } = task;
    if (isRunning(task)) {
      this.#store({ namespace, containerId, pid }, { $case: 'goesOn', value: {} });
      this.#open.add({ namespace, containerId, pid, lastSeen: systemClock() });
      return;
    }
    const { exitStatus, exitedAt } = task;
    this.#store(
      { namespace, containerId, pid },
      { $case: 'ended', value: { exitStatus, exitedAt } },
    );
    this.#open.end({ namespace, containerId, pid });
  }

  async #readHistory(signal: AbortSignal): Promise<void> {
    // The spool may still hold events of an earlier process, which the history does not show yet.
    await this.context.queue.whenDrained(signal);
    for await (const entry of this.context.broker.listOpenContainers('', signal)) {
      const { container, pid, open, endedPid, startedAt } = entry;
      // Events that have arrived meanwhile are newer.
      if (container === undefined || this.#open.isKnown(container)) continue;
      if (!open) this.#open.end({ ...container, pid: endedPid });
      else {
        this.#open.add({ ...container, pid, lastSeen: startedAt && nanosFromTimestamp(startedAt) });
      }
    }
  }

  /** Returns whether nothing is left to look at again. */
  async #compareAll(): Promise<boolean> {
    await this.#compareOnce();
    await delay(SECOND_LOOK_MS, undefined, { signal: this.context.signal }).catch(() => undefined);
    return this.context.signal.aborted || (await this.#compareOnce());
  }

  /** Returns whether nothing differed. */
  async #compareOnce(): Promise<boolean> {
    const tasks = new Map<string, Process>();
    for (const namespace of await this.#tasks.namespaces()) {
      await this.#open.watching(async (changed) => {
        for (const task of await this.#tasks.list(namespace)) {
          tasks.set(containerName(namespace, idOf(task)), task);
          if (isStateKnown(task)) await this.#compareTask(namespace, task, changed);
        }
      });
    }
    let isSame = true;
    for (const open of this.#open.all()) {
      const task = tasks.get(containerName(open.namespace, open.containerId));
      const isThere = open.pid === 0 || task?.pid === open.pid;
      if (task !== undefined && (isThere || !isStateKnown(task))) {
        this.#missedSince.delete(open);
        continue;
      }
      isSame = this.#miss(open) && isSame;
    }
    return isSame;
  }

  async #compareTask(
    namespace: string,
    task: Process,
    changed: ReadonlySet<string>,
  ): Promise<void> {
    const open = this.#open.get(namespace, idOf(task));
    if (isRunning(task) && open?.pid === task.pid) {
      this.#open.add({ ...open, lastSeen: systemClock() });
      return;
    }
    // A run may have begun and ended while nothing was recorded.
    await this.#settle(namespace, task, changed);
  }

  /**
   * Stores that a run is lost once it was missed for long enough. Returns whether it was stored.
   */
  #miss(open: OpenTask): boolean {
    const now = performance.now();
    const since = this.#missedSince.get(open) ?? now;
    this.#missedSince.set(open, since);
    const patience = open.namespace === ENGINE_NAMESPACE ? ENGINE_HEAD_START_MS : SECOND_LOOK_MS;
    if (now - since < patience - POLL_MS) return false;
    this.#store(open, lostRun('containerd', open.lastSeen, this.context.boot));
    this.#open.end({ ...open, pid: 0 });
    return true;
  }

  #store(
    { namespace, containerId, pid }: Pick<OpenTask, 'namespace' | 'containerId' | 'pid'>,
    observation: RunObservation,
  ): void {
    const { queue, say } = this.context;
    if (observation.$case === 'lost') {
      say(`the end of container ${containerId} is lost: ${observation.value.reason}`);
    }
    const subject = { namespace, containerId, pid };
    const envelope = observedRunEnvelope(subject, systemClock(), observation);
    // The creation of a container whose start or end was missed may have been missed as well.
    const before =
      observation.$case === 'lost' ? undefined : this.creations.before(namespace, containerId);
    queue.add({ envelope, before });
  }
}

function idOf({ containerId, id }: Process): string {
  return containerId || id;
}

/** Whether no containerd listens at the address, or another daemon without tasks. */
function knowsNothing({ code, message }: FoghornError): boolean {
  if (code === 'UNIMPLEMENTED') return true;
  return code === 'UNAVAILABLE' && /ENOENT|ECONNREFUSED|No connection established/.test(message);
}
