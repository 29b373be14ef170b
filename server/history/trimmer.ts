import type { EventStore, Retention } from './store.js';

/** How long what is over budget may stay, ms. */
const INTERVAL_MS = 1000;

/** Trims a store in the background for as long as it is open. */
export class Trimmer {
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** @param onError told when a step failed; trimming goes on with the next interval */
  constructor(
    private readonly store: EventStore,
    private readonly retention: Retention,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#timer = setInterval(() => {
      this.#running ??= this.#run();
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  /** Resolves when no step is under way any longer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Step by step, so that appends and reads come in between. */
  async #run(): Promise<void> {
    try {
      let done = false;
      while (!done && !this.#stopped) {
        ({ done } = await this.store.trim(this.retention));
        await new Promise(setImmediate);
      }
    } catch (error) {
      this.onError(error);
    } finally {
      this.#running = undefined;
    }
  }
}
