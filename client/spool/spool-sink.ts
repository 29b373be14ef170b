import { risingClock, systemClock } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import { Envelope } from '../../protos/gen/containerd/types/event.js';
import { timestampFromNanos } from '../../protocol/timestamp.js';
import { AppendLine } from '../publish/append-line.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import type { ReportStatus } from '../client-status.js';
import type { Connection } from '../transport/connection.js';
import { onAbort } from '../on-abort.js';
import type { EventSink, NamedPublication } from '../publish/event-sink.js';
import type { Receipt, TracedEnvelope } from '../publish/publication.js';
import type { CallLimits } from '../transport/unary-call.js';
import { Drainer } from './drainer.js';
import { PushGroup } from './push-group.js';
import { Receipts } from './receipts.js';
import { Spool } from './spool.js';
import type { SpoolContents, SpooledEvent, SpoolOptions } from './spool.js';
import { SpoolStatus } from './spool-status.js';
import { encodeForSpool } from './spooled-envelope.js';

interface Opened {
  readonly spool: Spool;
  readonly pushes: PushGroup;
  readonly drainer: Drainer;
}

/**
 * Puts events into the spool first, and sends them from there. Every event goes this way, which
 * keeps the order; it is on disk before its call resolves.
 */
export class SpoolSink implements EventSink {
  readonly #opened: Promise<Opened>;
  readonly #receipts = new Receipts();
  readonly #clock = risingClock(systemClock);
  /** Callbacks for when the spool is empty or the client closes. */
  readonly #drainWaiters = new Set<() => void>();
  readonly #status: SpoolStatus;
  #closed = false;

  constructor(
    options: SpoolOptions,
    connection: Connection,
    private readonly report: ReportStatus,
  ) {
    this.#status = new SpoolStatus(report);
    this.#opened = this.#open(options, connection);
    // Each call reports this error.
    this.#opened.catch(() => {});
  }

  async publish(
    { namespace, topic, event, trace }: NamedPublication,
    limits: CallLimits,
  ): Promise<Receipt> {
    const timestamp = timestampFromNanos(this.#clock());
    return this.forward({ timestamp, namespace, topic, event, trace }, limits);
  }

  async forward(envelope: TracedEnvelope, limits: CallLimits): Promise<Receipt> {
    if (limits.signal?.aborted) {
      throw new FoghornError('CANCELLED', 'the call was given up before it began');
    }
    const bytes = encodeForSpool(envelope);
    const { pushes, drainer } = await this.#opened;
    if (this.#closed) throw closedError();
    const number = await pushes.add(bytes);
    if (drainer.failing) return { kind: 'spooled' };
    return this.#receipts.wait(number, limits);
  }

  /**
   * Adds all envelopes to the spool, after everything added before, or none of them. Resolves when
   * they are flushed.
   */
  async spool(envelopes: readonly TracedEnvelope[]): Promise<void> {
    const bytes = envelopes.map(encodeForSpool);
    const { spool, pushes, drainer } = await this.#opened;
    if (this.#closed) throw closedError();
    pushes.flush();
    spool.pushAll(bytes);
    drainer.wake();
  }

  /** How much waits in the spool. */
  async contents(): Promise<SpoolContents> {
    return (await this.#opened).spool.contents();
  }

  /** Resolves when the spool is empty. Rejects with CANCELLED. */
  async drain(signal: AbortSignal | undefined): Promise<void> {
    const { pushes, drainer } = await this.#opened;
    // Earlier publications must be in the spool first.
    pushes.flush();
    let stopListening = () => {};
    let wake = () => {};
    const emptied = new Promise<void>((resolve) => {
      wake = resolve;
      this.#drainWaiters.add(wake);
      stopListening = onAbort(signal, wake);
    });
    drainer.wake();
    if (!this.#closed) await emptied;
    this.#drainWaiters.delete(wake);
    stopListening();
    if (this.#closed) throw closedError();
    if (signal?.aborted) throw new FoghornError('CANCELLED', 'the call was given up');
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opened.catch(() => undefined);
    opened?.pushes.flush();
    await opened?.drainer.close();
    this.#receipts.release();
    for (const wake of this.#drainWaiters) wake();
    await opened?.spool.close();
  }

  async #open(options: SpoolOptions, connection: Connection): Promise<Opened> {
    const spool = await Spool.open(options);
    const line = new AppendLine(connection, () => {
      this.report({ state: 'connected' });
    });
    const drainer = new Drainer(spool, line, {
      settled: (event, outcome) => {
        this.#settled(event, outcome);
      },
      headIs: (number) => {
        this.#receipts.release(number);
      },
      failed: (error, retryInMs) => {
        this.#failed(error, retryInMs);
      },
      emptied: () => {
        this.#emptied();
      },
    });
    const pushes = new PushGroup(spool, () => {
      drainer.wake();
    });
    if (spool.head(1, 1).length > 0) this.#status.backlog();
    drainer.wake();
    return { spool, pushes, drainer };
  }

  #settled({ number, envelope }: SpooledEvent, outcome: AppendOutcome): void {
    this.#receipts.settle(number, outcome);
    if (outcome instanceof FoghornError) {
      this.report({ state: 'refused', topic: Envelope.decode(envelope).topic, error: outcome });
    } else {
      this.#status.stored();
    }
  }

  #failed(error: FoghornError, retryInMs: number): void {
    this.#status.failed(error, retryInMs);
    this.#receipts.release();
  }

  #emptied(): void {
    this.#status.emptied();
    for (const wake of this.#drainWaiters) wake();
  }
}

function closedError(): FoghornError {
  return new FoghornError('CANCELLED', 'the client is closed');
}
