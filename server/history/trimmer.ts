import type { ClockGuard } from './clock-guard.js';
import type { EventStore, Retention, RetentionHold } from './store.js';

/** Says which entries retention waits for. */
export interface RetentionHolds {
  current(epoch: string): Promise<readonly RetentionHold[]>;
  /** Called after each pass, with the first offset that is left. */
  trimmed(first: number): void;
}

/** Trims a store in the background for as long as it is open. */
export class Trimmer {
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #stopped = false;
  #failing = false;

  /**
   * @param intervalMs time between two runs, and so how long entries over budget may stay
   * @param onError called when steps begin to fail; each later interval tries again
   */
  constructor(
    private readonly store: EventStore,
    private readonly retention: Retention,
    private readonly clockGuard: Pick<ClockGuard, 'check'>,
    intervalMs: number,
    private readonly onError: (error: unknown) => void,
    private readonly holds?: RetentionHolds,
  ) {
    this.#timer = setInterval(() => {
      this.#running ??= this.#run();
    }, intervalMs);
    this.#timer.unref();
  }

  /** Resolves when the last step has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** The limits, without ages while the clock cannot be relied on. */
  async #reliableRetention(): Promise<Retention> {
    const { age, lastingAge } = this.retention;
    if (age === undefined && lastingAge === undefined) return this.retention;
    if (await this.clockGuard.check(this.store)) return this.retention;
    return { ...this.retention, age: undefined, lastingAge: undefined };
  }

  /** Yields after each step, so that appends and reads come in between. */
  async #run(): Promise<void> {
    try {
      const limits = await this.#reliableRetention();
      const holds = (await this.holds?.current(this.store.epoch)) ?? [];
      const retention = { ...limits, holds };
      let done = false;
      while (!done && !this.#stopped) {
        ({ done } = await this.store.trim(retention));
        await new Promise(setImmediate);
      }
      if (holds.length > 0 && done) this.holds?.trimmed((await this.store.bounds()).first);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing && !this.#stopped) this.onError(error);
      this.#failing = true;
    } finally {
      this.#running = undefined;
    }
  }
}
