import { FoghornError } from '../../protocol/errors.js';
import type { AppendLine } from '../publish/append-line.js';
import { encodeForwards } from '../publish/event-frames.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import { retry } from '../retry.js';
import type { Spool, SpooledEvent } from './spool.js';

/** Limits of one message. A single larger event is sent alone. */
const BATCH_EVENTS = 1000;
const BATCH_BYTES = 2 * 1024 * 1024;

/** Callbacks of a drainer. They must not throw. */
export interface DrainerEvents {
  /** An event was stored, or refused as invalid. */
  settled(event: SpooledEvent, outcome: AppendOutcome): void;
  /** Events with a number below this have left the spool. */
  headIs(number: number): void;
  /** The events cannot be stored now; the next attempt follows in `retryInMs` milliseconds. */
  failed(error: FoghornError, retryInMs: number): void;
  /** The spool is empty. */
  emptied(): void;
}

/**
 * Sends events from the spool to the broker, in order, one message at a time, so that no later
 * event overtakes one that failed. An event leaves the spool when it was answered. If a cut or
 * another process makes the broker receive an event twice, the broker recognizes it.
 */
export class Drainer {
  readonly #closing = new AbortController();
  #awake = false;
  #done: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(
    private readonly spool: Spool,
    private readonly line: AppendLine,
    private readonly events: DrainerEvents,
  ) {}

  /**
   * Whether no answer is to be expected soon: the last attempt failed, or the drainer is closed.
   */
  get failing(): boolean {
    return this.#failing || this.#closing.signal.aborted;
  }

  /** Starts to drain the spool until it is empty, unless that is under way. */
  wake(): void {
    if (this.#awake || this.#closing.signal.aborted) return;
    this.#awake = true;
    this.#done = this.#drain();
  }

  /** Cancels the attempt under way. Nothing touches the spool once this has resolved. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.line.close(new FoghornError('CANCELLED', 'the client was closed'));
    await this.#done;
  }

  async #drain(): Promise<void> {
    const { signal } = this.#closing;
    let step: 'forwarded' | 'empty' | undefined;
    while (step !== 'empty' && !signal.aborted) {
      step = await retry(() => this.#forwardHead(), {
        signal,
        isRetryable: () => true,
        onFailure: (error, retryInMs) => {
          this.#failing = true;
          this.events.failed(error, retryInMs);
        },
      });
    }
  }

  /** Sends the first events of the spool. Throws a FoghornError if that is not possible now. */
  async #forwardHead(): Promise<'forwarded' | 'empty'> {
    try {
      const batch = this.spool.head(BATCH_EVENTS, BATCH_BYTES);
      this.events.headIs(batch[0]?.number ?? Infinity);
      if (batch.length > 0) await this.#forward(batch);
      this.#failing = false;
      if (batch.length > 0) return 'forwarded';
    } catch (error) {
      if (error instanceof FoghornError) throw error;
      const text = `the spool cannot be read: ${(error as Error).message}`;
      throw new FoghornError('INTERNAL', text, { cause: error });
    }
    // Set before anything else runs: a later push needs another `wake`.
    this.#awake = false;
    this.events.emptied();
    return 'empty';
  }

  /** Sends a batch. Throws the error that keeps all or the rest of it from being stored now. */
  async #forward(batch: readonly SpooledEvent[]): Promise<void> {
    const outcomes = await this.line.send({
      count: batch.length,
      bytes: encodeForwards(batch.map(({ envelope }) => envelope)),
    });
    if (this.#closing.signal.aborted) return;
    const firstKept = outcomes.findIndex((outcome) => isTransient(outcome));
    const settled = firstKept === -1 ? batch : batch.slice(0, firstKept);
    settled.forEach((event, index) => {
      const outcome = outcomes[index];
      if (outcome) this.events.settled(event, outcome);
    });
    if (settled.length > 0) this.spool.remove(settled.map(({ number }) => number));
    const failure = outcomes[firstKept];
    if (failure instanceof FoghornError) throw failure;
  }
}

/** Whether the event may be stored later. INVALID_ARGUMENT is about the event itself. */
function isTransient(outcome: AppendOutcome): boolean {
  return outcome instanceof FoghornError && outcome.code !== 'INVALID_ARGUMENT';
}
