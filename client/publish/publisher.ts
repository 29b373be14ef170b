import { FoghornError } from '../../protocol/errors.js';
import type { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { AppendLine } from './append-line.js';
import type { AppendOutcome, Stored } from '../../protocol/wire/append-response.js';
import { retryDelay } from '../backoff.js';
import { connectTimeout } from '../transport/call-error.js';
import type { ReportStatus } from '../client-status.js';
import type { Connection } from '../transport/connection.js';
import { DEFAULT_TIMEOUT } from '../transport/unary-call.js';
import type { CallLimits } from '../transport/unary-call.js';
import { AppendQueue, markSent } from './append-queue.js';
import type { Batch } from './batch.js';
import { CallTimer } from './call-timer.js';
import { PendingAppend } from './pending-append.js';

/** Milliseconds that `close` waits for answers. */
const CLOSE_GRACE = 1000;

/**
 * Stores events in the order of the calls. Calls of one tick of the event loop share a message, and
 * several messages are under way at a time. When a stream is cut, unanswered events are sent again
 * in order on the next one; the broker recognizes those that it has.
 */
export class Publisher {
  readonly #line: AppendLine;
  readonly #queue = new AppendQueue();
  readonly #timer = new CallTimer((now) => this.#expire(now));
  /** The time of the calls in this tick of the event loop, by `performance.now()`. */
  #now = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #lastFailure: FoghornError | undefined;
  #closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly report: ReportStatus,
  ) {
    this.#line = new AppendLine(connection, () => {
      this.#queue.markSent();
      this.#lastFailure = undefined;
      report({ state: 'connected' });
    });
  }

  /**
   * Resolves when the event is stored. The broker must be able to recognize the event when it is
   * sent again.
   */
  append(event: NewEvent, { signal, timeout = DEFAULT_TIMEOUT }: CallLimits): Promise<Stored> {
    const refusal = this.#refusal(signal);
    if (refusal) return Promise.reject(refusal);
    if (this.#scheduled === undefined) this.#now = performance.now();
    const call = new PendingAppend(timeout, this.#now + timeout);
    try {
      // Encoded here, so that an event that cannot be encoded fails alone and not with its whole
      // message.
      this.#queue.add(event, call);
    } catch (error) {
      call.settle(error as FoghornError);
      return call.stored;
    }
    if (signal) call.heed(signal);
    this.#timer.watch(call.deadline);
    this.#schedule();
    return call.stored;
  }

  #refusal(signal: AbortSignal | undefined): FoghornError | undefined {
    if (this.#closed) return new FoghornError('CANCELLED', 'the client is closed');
    if (!signal?.aborted) return undefined;
    return new FoghornError('CANCELLED', 'the call was given up before it began');
  }

  /** Waits a moment for answers, then cancels the calls without one. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#line.connected) await this.#queue.answered(CLOSE_GRACE);
    clearImmediate(this.#scheduled);
    clearTimeout(this.#retry);
    this.#timer.stop();
    for (const pending of this.#queue.takeAll()) pending.giveUp('the client was closed');
    this.#line.close(new FoghornError('CANCELLED', 'the client was closed'));
  }

  #schedule(): void {
    if (this.#retry) return;
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      // A stream that was cut meanwhile leaves sending to the next attempt.
      if (!this.#retry) this.#send();
      if (this.#queue.isEmpty) this.#timer.stop();
    });
  }

  #send(): void {
    for (let batch = this.#queue.next(); batch !== undefined; batch = this.#queue.next()) {
      this.#sendBatch(batch);
    }
  }

  #sendBatch(batch: Batch): void {
    const answer = this.#line.send(batch.message());
    if (this.#line.connected) markSent(batch);
    answer.then(
      (outcomes) => {
        this.#answered(batch, outcomes);
      },
      (error: unknown) => {
        this.#cut(batch, error as FoghornError);
      },
    );
  }

  #answered(batch: Batch, outcomes: readonly AppendOutcome[]): void {
    this.#failures = 0;
    // A caller that awaits its answers appends again before the tick that is scheduled below.
    this.#now = performance.now();
    this.#queue.done(batch);
    batch.calls.forEach((call, index) => {
      call.settle(outcomes[index] ?? new FoghornError('UNKNOWN', 'the broker did not answer'));
    });
    this.#schedule();
  }

  #cut(batch: Batch, error: FoghornError): void {
    // Each message under way reports the same cut; the first takes all of them back.
    if (!this.#queue.isUnderWay(batch) || this.#closed) return;
    const unanswered = this.#queue.takeBack();
    this.#lastFailure = error;
    if (!error.retryable) for (const pending of unanswered) pending.settle(error);
    else if (!this.connection.wasReached) {
      for (const pending of this.#queue.takeAll()) pending.settle(error);
    }
    if (this.#queue.isEmpty) {
      this.#timer.stop();
      return;
    }
    const retryInMs = retryDelay(error, this.#failures++);
    this.report({ state: 'disconnected', error, retryInMs });
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#send();
    }, retryInMs);
  }

  #expire(now: number): number {
    const { calls, next } = this.#queue.overdue(now);
    for (const call of calls) call.settle(this.#tooLate(call));
    return next;
  }

  #tooLate({ timeout, fate }: PendingAppend): FoghornError {
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
