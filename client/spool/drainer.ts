import { FoghornError } from '../../protocol/errors.js';
import { Envelope } from '../../protos/gen/types/event.js';
import type { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import type { AppendLine } from '../publish/append-line.js';
import { encodeEvents } from '../publish/event-frames.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import { retry } from '../retry.js';
import type { Spool, SpooledEvent } from './spool.js';

/** Limits of one message, which a single event may exceed. */
const BATCH_EVENTS = 1000;
const BATCH_BYTES = 2 * 1024 * 1024;

/** What a drainer tells. None of these may throw. */
export interface DrainerEvents {
  /** An event is stored, or refused for what it is. */
  settled(event: SpooledEvent, outcome: AppendOutcome): void;
  /** Whatever has a number below this has left the spool. */
  headIs(number: number): void;
  /** The broker cannot have the events now; the next attempt is so many milliseconds away. */
  failed(error: FoghornError, retryInMs: number): void;
  /** The spool is empty. */
  emptied(): void;
}

/**
 * Brings events from the spool to the broker, in order, one message at a time: whatever fails, nothing later has overtaken it. An
 * event leaves the spool when it was answered. When that is cut between, or when another process does
 * the same, the broker gets an event twice, and recognizes it.
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

  /** Whether an answer is not to be expected soon: the last attempt failed, or there will be no more. */
  get failing(): boolean {
    return this.#failing || this.#closing.signal.aborted;
  }

  /** Drains the spool until it is empty, if that is not under way. */
  wake(): void {
    if (this.#awake || this.#closing.signal.aborted) return;
    this.#awake = true;
    this.#done = this.#drain();
  }

  /** Gives up what is under way. Nothing touches the spool once this has resolved. */
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

  /** Forwards the first events of the spool. Throws a FoghornError for whatever prevents that now. */
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
    // At once: an event that is pushed from here on needs another `wake`.
    this.#awake = false;
    this.events.emptied();
    return 'empty';
  }

  /** Throws what keeps the batch, or the rest of it, from being stored now. */
  async #forward(batch: readonly SpooledEvent[]): Promise<void> {
    const outcomes = await this.line.send({
      count: batch.length,
      bytes: encodeEvents(batch.map(newEvent)),
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

function newEvent({ envelope }: SpooledEvent): NewEvent {
  return { event: { $case: 'forward', value: Envelope.decode(envelope) } };
}

/** Whether the same event may be stored later. INVALID_ARGUMENT is about the event itself. */
function isTransient(outcome: AppendOutcome): boolean {
  return outcome instanceof FoghornError && outcome.code !== 'INVALID_ARGUMENT';
}
