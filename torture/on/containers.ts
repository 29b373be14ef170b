import { setTimeout as delay } from 'node:timers/promises';
import type { Containerd } from '../../test/peers/containerd.js';
import { notificationsIn } from './verdict.js';

const RUNTIMES = { shim: 'io.containerd.foghorn.v2', recorder: 'io.containerd.runc.v2' };
const STARTERS = 4;
/** How long a task is kept whose end is not notified because it did not fail. */
const KEPT_MS = 10_000;

interface KeptTask {
  readonly id: string;
  readonly code: number;
  readonly begun: number;
}

/** Containers that end with a known exit code. */
export class Containers {
  readonly #codes = new Map<string, number>();
  #kept: KeptTask[] = [];

  /**
   * @param log file of notifications to wait for before tasks are removed, if any
   */
  constructor(
    private readonly containerd: Containerd,
    private readonly by: keyof typeof RUNTIMES,
    private readonly log: string | undefined,
  ) {}

  /** Runs containers to their ends; resolves with the exit code of each. */
  async run(count: number): Promise<ReadonlyMap<string, number>> {
    let next = 0;
    const starter = async (): Promise<void> => {
      while (next < count) {
        const number = next++;
        const id = `exit${number}-${process.pid}`;
        await this.#run(id, number % 3 === 0 ? 0 : 1 + (number % 200));
        if (number % 50 === 0) console.log(`${number} containers`);
      }
    };
    const over = new AbortController();
    const removing = this.#removeNotified(over.signal);
    await Promise.all(Array.from({ length: STARTERS }, starter));
    over.abort();
    await removing;
    return this.#codes;
  }

  /** Removes the tasks that are kept. */
  async remove(): Promise<void> {
    for (const { id } of this.#kept.splice(0)) await this.#removeTask(id);
  }

  /** A container that could not be started has no exit. */
  async #run(id: string, code: number): Promise<void> {
    const runtime = ['--runtime', RUNTIMES[this.by]];
    if (this.log === undefined) {
      const ended = await this.containerd.run(id, `exit ${code}`, ...runtime);
      if (ended === code) this.#codes.set(id, code);
      return;
    }
    try {
      await this.containerd.runDetached(id, `exit ${code}`, ...runtime);
    } catch {
      return;
    }
    this.#codes.set(id, code);
    this.#kept.push({ id, code, begun: performance.now() });
  }

  async #removeNotified(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.log !== undefined) {
      await delay(500);
      const notified = new Set(notificationsIn(this.log).map(({ container }) => container));
      const isOver = ({ id, code, begun }: KeptTask): boolean =>
        notified.has(id) || (code === 0 && performance.now() > begun + KEPT_MS);
      const over = this.#kept.filter(isOver);
      this.#kept = this.#kept.filter((task) => !over.includes(task));
      for (const { id } of over) await this.#removeTask(id);
    }
  }

  async #removeTask(id: string): Promise<void> {
    // It exits with the code of the task.
    await this.containerd.ctr('tasks', 'delete', id).exited;
    await this.containerd.ctr('containers', 'delete', id).exited;
  }
}
