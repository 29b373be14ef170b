import { FoghornError } from '../../protos/errors.js';
import type { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { AppendLine } from '../append/append-line.js';
import { EncodedEvent } from '../append/encoded-event.js';
import type { Outcome, Stored } from '../append/outcome.js';
import { backoffDelay } from '../backoff.js';
import { connectTimeout } from '../call-error.js';
import type { TellStatus } from '../client-status.js';
import type { Connection } from '../connection.js';
import type { CallLimits } from '../unary-call.js';
import { AppendQueue } from './append-queue.js';
import { checkSize, MAX_EVENT_BYTES } from '../encodable.js';
import { PendingAppend } from './pending-append.js';

/** Milliseconds for which `close` waits for answers that are under way. */
const CLOSE_GRACE = 1000;

/**
 * Has events stored in the order of the calls. Those of one turn of the event loop share a message, and several messages are
 * under way at a time. What was not answered when a stream was cut is sent again, in order, on the next one; the broker
 * recognizes what it has already.
 */
export class Publisher {
  readonly #line: AppendLine;
  readonly #queue = new AppendQueue();
  #scheduled: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #lastFailure: FoghornError | undefined;
  #closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly tell: TellStatus,
  ) {
    this.#line = new AppendLine(connection, () => {
      this.#queue.markSent();
      this.#lastFailure = undefined;
      tell({ state: 'connected' });
    });
  }

  /** Resolves when the event is stored. The event must be one that the broker knows again. */
  async append(event: NewEvent, limits: CallLimits): Promise<Stored> {
    if (this.#closed) throw new FoghornError('CANCELLED', 'the client is closed');
    if (limits.signal?.aborted) {
      throw new FoghornError('CANCELLED', 'the call was given up before it began');
    }
    // Here, since an event that cannot be encoded must not take others of its message with it.
    const encoded = new EncodedEvent(event);
    checkSize(encoded.bytes, MAX_EVENT_BYTES);
    const pending = new PendingAppend(encoded, limits, (timeout, fate) =>
      this.#tooLate(timeout, fate),
    );
    this.#queue.add(pending);
    this.#schedule();
    return pending.stored;
  }

  /** Waits a moment for what is under way, then gives up what is not answered. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#line.connected) await this.#queue.answered(CLOSE_GRACE);
    clearImmediate(this.#scheduled);
    clearTimeout(this.#retry);
    for (const pending of this.#queue.takeAll()) pending.giveUp('the client was closed');
    this.#line.close(new FoghornError('CANCELLED', 'the client was closed'));
  }

  #schedule(): void {
    if (this.#retry) return;
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      // A stream may have been cut in the meantime; then it is for the next attempt.
      if (!this.#retry) this.#send();
    });
  }

  #send(): void {
    for (let batch = this.#queue.next(); batch !== undefined; batch = this.#queue.next()) {
      this.#sendBatch(batch);
    }
  }

  #sendBatch(batch: readonly PendingAppend[]): void {
    const answer = this.#line.send(batch.map(({ event }) => event));
    if (this.#line.connected) this.#queue.markSent();
    answer.then(
      (outcomes) => {
        this.#answered(batch, outcomes);
      },
      (error: unknown) => {
        this.#cut(batch, error as FoghornError);
      },
    );
  }

  #answered(batch: readonly PendingAppend[], outcomes: readonly Outcome[]): void {
    this.#failures = 0;
    this.#queue.done(batch);
    batch.forEach((pending, index) => {
      pending.settle(outcomes[index] ?? new FoghornError('UNKNOWN', 'the broker did not answer'));
    });
    this.#schedule();
  }

  #cut(batch: readonly PendingAppend[], error: FoghornError): void {
    // Every message that was under way is told of the same cut; the first takes all back.
    if (!this.#queue.isUnderWay(batch) || this.#closed) return;
    const unanswered = this.#queue.takeBack();
    this.#lastFailure = error;
    if (!error.retryable) for (const pending of unanswered) pending.settle(error);
    else if (!this.connection.wasReached) {
      for (const pending of this.#queue.takeAll()) pending.settle(error);
    }
    if (this.#queue.isEmpty) return;
    const retryInMs = backoffDelay(this.#failures++, Math.random());
    this.tell({ state: 'disconnected', error, retryInMs });
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#send();
    }, retryInMs);
  }

  #tooLate(timeout: number, fate: string): FoghornError {
    if (!this.connection.wasReached) {
      return new FoghornError('DEADLINE_EXCEEDED', connectTimeout(this.connection.peer).message);
    }
    const cause = this.#lastFailure;
    const why = cause ? ` (${cause.message})` : '';
    return new FoghornError('DEADLINE_EXCEEDED', `no answer within ${timeout} ms: ${fate}${why}`, {
      cause,
    });
  }
}
