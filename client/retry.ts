import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../protocol/errors.js';
import { retryDelay } from './backoff.js';

/** An attempt that lasted this long, in milliseconds, makes the next failure count as the first. */
const STABLE_AFTER_MS = 1000;

export interface RetryOptions {
  /** Ends the retries without an error. Does not end the attempt under way. */
  readonly signal: AbortSignal | undefined;
  /** Whether a failure may pass; other failures are thrown. `error.retryable` unless given. */
  readonly isRetryable?: (error: FoghornError) => boolean;
  /** Called after each failure that may pass. */
  readonly onFailure?: (error: FoghornError, retryInMs: number) => void;
}

/**
 * Repeats work, with growing pauses, until it succeeds. Resolves to undefined once the signal has
 * aborted.
 */
export async function retry<Result>(
  work: () => Promise<Result>,
  options: RetryOptions,
): Promise<Result | undefined> {
  const pauses = new Pauses(options);
  while (!options.signal?.aborted) {
    try {
      pauses.begin();
      return await work();
    } catch (error) {
      await pauses.after(error);
    }
  }
  return undefined;
}

/** Like `retry`, for work that yields results. Each attempt continues where its own state says. */
export async function* retryStream<Result>(
  work: () => AsyncIterable<Result>,
  options: RetryOptions,
): AsyncGenerator<Result, void, void> {
  const pauses = new Pauses(options);
  while (!options.signal?.aborted) {
    try {
      pauses.begin();
      yield* work();
      return;
    } catch (error) {
      await pauses.after(error);
    }
  }
}

/** The pauses between the attempts of one retry. */
class Pauses {
  #failures = 0;
  #begun = 0;

  constructor(private readonly options: RetryOptions) {}

  /** Notes that an attempt begins. */
  begin(): void {
    this.#begun = performance.now();
  }

  /** Waits until the next attempt is due or the signal aborts. Throws an error that cannot pass. */
  async after(error: unknown): Promise<void> {
    const { signal, isRetryable, onFailure } = this.options;
    if (signal?.aborted) return;
    if (!(error instanceof FoghornError)) throw error;
    if (!(isRetryable?.(error) ?? error.retryable)) throw error;
    if (performance.now() - this.#begun > STABLE_AFTER_MS) this.#failures = 0;
    const retryInMs = retryDelay(error, this.#failures++);
    onFailure?.(error, retryInMs);
    await delay(retryInMs, undefined, { ...(signal && { signal }) }).catch(() => {});
  }
}
