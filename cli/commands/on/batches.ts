import type { DescribedEvent } from './described-event.js';
import type { EventAction } from './event-action.js';

/** Events of one batch at most; a batch with so many does not wait any longer. */
export const BATCH_LIMIT = 200;

/** Handles events together. Rejects with the reason when it has failed for all of them. */
export type BatchAction = (events: readonly DescribedEvent[]) => Promise<void>;

export interface BatchOptions {
  /** ms from the first event of a batch to its action. */
  readonly every: number;
  /** Once it aborts, a batch waits for no further events. */
  readonly signal: AbortSignal;
}

/** Gathers events and handles them together, one batch after another. */
class Batches {
  #events: DescribedEvent[] = [];
  /** The outcome of the batch that is gathered. */
  #outcome: Promise<void> | undefined;
  #close = (): void => {};
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly action: BatchAction,
    private readonly options: BatchOptions,
  ) {}

  /** Adds an event to the batch that is gathered; resolves or rejects with the batch. */
  add(event: DescribedEvent): Promise<void> {
    this.#events.push(event);
    const outcome = (this.#outcome ??= this.#run());
    if (this.#events.length >= BATCH_LIMIT) this.#close();
    return outcome;
  }

  async #run(): Promise<void> {
    const before = this.#last;
    const run = this.#gathered().then(async () => {
      await before;
      const events = this.#events;
      this.#events = [];
      this.#outcome = undefined;
      await this.action(events);
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Resolves when the batch is full, or has waited long enough. */
  #gathered(): Promise<void> {
    const { every, signal } = this.options;
    return new Promise((resolve) => {
      const close = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', close);
        resolve();
      };
      const timer = setTimeout(close, every);
      this.#close = close;
      signal.addEventListener('abort', close);
      if (signal.aborted) close();
    });
  }
}

/** An action for single events that handles them in batches. */
export function inBatches(action: BatchAction, options: BatchOptions): EventAction {
  const batches = new Batches(action, options);
  return (event) => batches.add(event);
}
