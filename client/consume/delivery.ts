import type { Entry } from '../../protos/gen/foghorn/v1/history.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import type { Delivery as DeliveryMessage } from '../../protos/gen/foghorn/v1/consumers.js';
import { FoghornError } from '../../protocol/errors.js';
import type { Failure } from './consume-options.js';

/** The answer to a delivery; undefined while it is worked on. */
export type DeliveryAnswer = { readonly kind: 'ack' } | ({ readonly kind: 'nack' } & Failure);

/** Sends answers. */
export interface AnswerSender {
  send(held: HeldDelivery): void;
}

/** A delivery that this member holds until its answer is stored. */
export class HeldDelivery {
  answer: DeliveryAnswer | undefined;
  /** The lease ran out: the broker delivers the event again. */
  isLost = false;
  #resolve: (() => void) | undefined;
  #reject: ((error: FoghornError) => void) | undefined;
  #stored: Promise<void> | undefined;

  constructor(
    readonly message: DeliveryMessage,
    private readonly sender: AnswerSender,
  ) {}

  /** Sends the first answer; resolves when it is stored. */
  respond(answer: DeliveryAnswer): Promise<void> {
    if (this.#stored === undefined) {
      this.#stored = new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
      // A caller need not await the answer: when it fails, the event is delivered again.
      this.#stored.catch(() => {});
      this.answer = answer;
      if (this.isLost) this.lose();
      else this.sender.send(this);
    }
    return this.#stored;
  }

  stored(): void {
    this.#resolve?.();
  }

  lose(): void {
    this.isLost = true;
    this.#reject?.(
      new FoghornError(
        'ABORTED',
        'the lease of this delivery ran out: the event is delivered again, or was',
      ),
    );
  }
}

/** An event for this member, which is delivered again unless it is acknowledged. */
export class EventDelivery {
  #span: TraceContext | undefined;

  constructor(private readonly held: HeldDelivery) {}

  /** The event with its cursor; `unpack(delivery.entry.event)` decodes its payload. */
  get entry(): Entry {
    return this.held.message.entry ?? NO_ENTRY;
  }

  /** The number of this delivery of the event, from 1. */
  get attempt(): number {
    return this.held.message.attempt;
  }

  /**
   * The trace to continue, with what is done for the event: that of the span in which it is handled
   * where the program has an SDK of OpenTelemetry, otherwise that of the event, if any.
   */
  get trace(): TraceContext | undefined {
    return this.#span ?? this.entry.trace;
  }

  /** @internal The event is handled in a span. */
  continueIn(span: TraceContext | undefined): void {
    this.#span = span;
  }

  /** Whether the event was parked, and is delivered again on request. */
  get isReplayed(): boolean {
    return this.held.message.event < 0n;
  }

  /** Whether the lease ran out, so that another member may have the event. */
  get isLost(): boolean {
    return this.held.isLost;
  }

  /**
   * Acknowledges the event. Resolves when that is stored, also after the connection was lost
   * meanwhile. Rejects with ABORTED when the lease had run out.
   */
  ack(): Promise<void> {
    return this.held.respond({ kind: 'ack' });
  }

  /** Gives the event back, to be delivered again or parked; otherwise like `ack`. */
  nack(failure: Failure = {}): Promise<void> {
    return this.held.respond({ kind: 'nack', ...failure });
  }
}

const NO_ENTRY: Entry = {
  timestamp: undefined,
  namespace: '',
  topic: '',
  event: undefined,
  cursor: '',
  dockerEvent: undefined,
};
