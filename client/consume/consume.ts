import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../protocol/errors.js';
import { onAbort } from '../on-abort.js';
import { retry } from '../retry.js';
import type { Connection } from '../transport/connection.js';
import { consumeCall } from './consume-call.js';
import type { ConsumeOptions } from './consume-options.js';
import type { EventDelivery } from './delivery.js';
import { ConsumerMember } from './member.js';

const DEFAULT_PREFETCH = 16;
/** Time for the broker to confirm that a member has left, in milliseconds. */
const LEAVE_TIMEOUT = 2000;

/** A member's deliveries. Leaving the iteration gives back those without an answer. */
export class Consumption implements AsyncIterable<EventDelivery> {
  readonly #member: ConsumerMember;
  readonly #leaving = new AbortController();
  readonly #cancelled = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};
  readonly #attached: Promise<void>;

  constructor(
    private readonly connection: Connection,
    consumer: string,
    private readonly options: ConsumeOptions,
  ) {
    const { prefetch = DEFAULT_PREFETCH } = options;
    if (!Number.isSafeInteger(prefetch) || prefetch < 1) {
      throw new FoghornError('INVALID_ARGUMENT', 'prefetch: expected a whole number from 1');
    }
    this.#member = new ConsumerMember(consumer, prefetch);
    this.#member.onReady = () => {
      this.#wake();
    };
    this.#attached = this.#attach();
  }

  async #attach(): Promise<void> {
    const { signal, onStatus } = this.options;
    const { wasReached } = this.connection;
    const broker = { wasReached, hasAttached: false };
    const limits = {
      leaving: this.#leaving.signal,
      cancelled: this.#cancelled.signal,
      onConnected: () => {
        broker.wasReached = true;
        broker.hasAttached = true;
        onStatus?.({ state: 'connected' });
      },
    };
    try {
      await retry(() => consumeCall(this.connection, this.#member, this.options, limits), {
        signal: AbortSignal.any([this.#leaving.signal, ...(signal ? [signal] : [])]),
        isRetryable: (error) => {
          if (error.code !== 'ABORTED') return broker.wasReached && error.retryable;
          // After a reset, what the member holds is void.
          this.#member.forget();
          return broker.hasAttached;
        },
        onFailure: (error, retryInMs) => onStatus?.({ state: 'disconnected', error, retryInMs }),
      });
    } catch (error) {
      this.#failure = { error };
    }
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EventDelivery, void, void> {
    const { signal } = this.options;
    const stopListening = onAbort(signal, () => {
      this.#wake();
    });
    try {
      for (;;) {
        if (signal?.aborted) return;
        const delivery = this.#member.take();
        if (delivery !== undefined) yield delivery;
        else if (this.#failure !== undefined) throw this.#failure.error;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      stopListening();
      await this.leave();
    }
  }

  /** Sends the answers that are left, and gives back deliveries without one. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    const timer = delay(LEAVE_TIMEOUT, undefined, { ref: false });
    await Promise.race([this.#attached, timer]);
    this.#cancelled.abort();
    await this.#attached;
    this.#member.forget();
  }
}
