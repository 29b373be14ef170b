import type { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import type { PayloadTypes } from '../../protos/payload-types.js';
import { FoghornError } from '../../protos/errors.js';
import type { Clock } from '../../protos/clock.js';
import { CursorWriter } from '../events/cursor.js';
import type { EventStore, Stop } from '../history/store.js';
import { acceptForward, acceptPublish, type PublishedEvent } from './accept.js';
import { Delivery, type Reached } from './delivery.js';
import { describeHistory, type Description } from './description.js';
import type { ReadOptions } from './read-options.js';
import { findStart, lastPlace } from './start.js';
import { Subscription } from './subscription.js';

/**
 * Events go in at one end and come out at the other, and between the two is the history: a publisher is answered when its
 * event is stored, and subscribers are fed from what is stored.
 */
export class Broker {
  readonly #delivery: Delivery;
  readonly #stopTail: Stop;
  #subscriptions = 0;

  private constructor(
    private readonly store: EventStore,
    types: PayloadTypes,
    private readonly clock: Clock,
    private readonly cursors: CursorWriter,
    last: Reached,
  ) {
    this.#delivery = new Delivery(cursors, types, last);
    this.#stopTail = store.tail((entries) => {
      this.#delivery.deliver(entries);
    });
  }

  /** The store must not be written to by anybody else in this process before this resolves. */
  static async start(store: EventStore, types: PayloadTypes, clock: Clock): Promise<Broker> {
    const cursors = new CursorWriter(store.epoch);
    return new Broker(store, types, clock, cursors, await lastPlace(store, cursors));
  }

  /** Resolves when the event is stored. Throws FAILED_PRECONDITION without a namespace, INVALID_ARGUMENT for bad names. */
  async publish(event: PublishedEvent): Promise<void> {
    this.#refuseWhileDraining();
    await this.store.append([acceptPublish(event, this.clock())]);
  }

  /** Resolves when the envelope is stored, with its own time and namespace. Throws INVALID_ARGUMENT. */
  async forward(envelope: OpaqueEnvelope | undefined): Promise<void> {
    this.#refuseWhileDraining();
    await this.store.append([acceptForward(envelope)]);
  }

  /** The subscription misses nothing from the moment that this resolves. See `findStart` for what it throws. */
  async subscribe(options: ReadOptions, signal: AbortSignal): Promise<Subscription> {
    this.#refuseWhileDraining();
    const { store, clock, cursors } = this;
    const start = await findStart(options, store, cursors, this.#delivery.reached);
    const last = await lastPlace(store, cursors);
    const subscription = new Subscription(
      store,
      this.#delivery,
      clock,
      options,
      start,
      last,
      signal,
    );
    this.#count(signal);
    return subscription;
  }

  async describe(): Promise<Description> {
    return describeHistory(this.store, this.cursors, this.#subscriptions);
  }

  /** From now on nothing is accepted, and every subscription says where it is and ends. */
  drain(): void {
    this.#delivery.drain();
  }

  /** Stops listening to the store; closing that is the owner's business. */
  close(): void {
    this.#stopTail();
  }

  #count(signal: AbortSignal): void {
    // The caller may have gone while its start was looked up.
    if (signal.aborted) return;
    this.#subscriptions += 1;
    signal.addEventListener('abort', () => (this.#subscriptions -= 1), { once: true });
  }

  #refuseWhileDraining(): void {
    if (!this.#delivery.draining) return;
    throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
  }
}
