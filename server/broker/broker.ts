import { setMaxListeners } from 'node:events';
import type { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import type { PayloadTypes } from '../../protos/payload-types.js';
import { FoghornError } from '../../protos/errors.js';
import type { Clock } from '../../protos/clock.js';
import { CursorWriter, parseCursor } from '../events/cursor.js';
import type { EventStore, Stop } from '../history/store.js';
import type { PublishedEvent } from './accept.js';
import { appendEach, type NewEvent, type StoredEvent } from './append.js';
import { Delivery } from './delivery.js';
import { describeHistory, type Description } from './description.js';
import { PastReader } from './past-reader.js';
import type { ReadOptions } from './read-options.js';
import { findGap, gapError } from './gap.js';
import { lastPlace, type PlaceInHistory } from './place.js';
import { findStart } from './start.js';
import type { Exit } from './runs.js';
import { Subscription } from './subscription.js';
import { waitForExit, type WaitCondition, type WaitOptions } from './wait.js';

/** A wait as it is asked for: "next" counts from a cursor, or from now when that is empty. */
export interface WaitRequest extends Omit<WaitOptions, 'condition'> {
  readonly condition:
    | Exclude<WaitCondition, { kind: 'next exit' }>
    | { readonly kind: 'next exit'; readonly after: string };
}

/**
 * Events go in at one end and come out at the other, and between the two is the history: a publisher is answered when its
 * event is stored, and subscribers are fed from what is stored.
 */
export class Broker {
  readonly #delivery: Delivery;
  readonly #stopTail: Stop;
  readonly #drained = new AbortController();
  #subscriptions = 0;

  private constructor(
    private readonly store: EventStore,
    types: PayloadTypes,
    private readonly clock: Clock,
    private readonly cursors: CursorWriter,
    last: PlaceInHistory,
  ) {
    this.#delivery = new Delivery(cursors, types, last);
    // Every publisher's stream listens.
    setMaxListeners(0, this.#drained.signal);
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
  async publish(event: PublishedEvent): Promise<StoredEvent> {
    return this.#appendOne({ kind: 'publish', ...event });
  }

  /** Resolves when the envelope is stored, with its own time and namespace. Throws INVALID_ARGUMENT. */
  async forward(envelope: OpaqueEnvelope | undefined): Promise<StoredEvent> {
    return this.#appendOne({ kind: 'forward', envelope });
  }

  /** See `appendEach`: one result for each event, in order. */
  async append(events: readonly NewEvent[]): Promise<(StoredEvent | FoghornError)[]> {
    this.#refuseWhileDraining();
    return appendEach(events, this.store, this.cursors, this.clock);
  }

  async #appendOne(event: NewEvent): Promise<StoredEvent> {
    const [result] = await this.append([event]);
    if (result === undefined) throw new Error('the broker answered nothing');
    if (result instanceof FoghornError) throw result;
    return result;
  }

  /** The subscription misses nothing from the moment that this resolves. See `findStart` for what it throws. */
  async subscribe(options: ReadOptions, signal: AbortSignal): Promise<Subscription> {
    const subscription = await this.#open(options, signal);
    this.#count(signal);
    return subscription;
  }

  /**
   * Resolves with how a run ended, when it has. Throws NOT_FOUND when that was never reported, OUT_OF_RANGE when there is no place
   * to count from, INVALID_ARGUMENT for a cursor that is none, and CANCELLED by the signal.
   */
  async wait(options: WaitRequest, signal: AbortSignal): Promise<Exit> {
    const condition = await this.#condition(options.condition);
    // Ends the subscription also when the answer was found.
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    try {
      return await waitForExit({ ...options, condition }, (read) => this.#open(read, either));
    } catch (error) {
      if (signal.aborted) throw new FoghornError('CANCELLED', 'the wait was given up');
      throw error;
    } finally {
      over.abort();
    }
  }

  /** Exits from before the first entry are kept, so a place that was trimmed is one to count from. */
  async #condition(condition: WaitRequest['condition']): Promise<WaitCondition> {
    if (condition.kind !== 'next exit') return condition;
    const { after } = condition;
    if (after === '') return { kind: 'next exit', after: this.#delivery.reached.offset };
    const found = await findGap(after, this.store, this.cursors);
    if (found !== undefined && found.gap.reason !== 'trimmed') throw gapError(found.gap);
    return { kind: 'next exit', after: parseCursor(after).offset };
  }

  async #open(options: ReadOptions, signal: AbortSignal): Promise<Subscription> {
    this.#refuseWhileDraining();
    const { store, clock, cursors } = this;
    const start = await findStart(options, store, cursors, this.#delivery.reached);
    const last = await lastPlace(store, cursors);
    const scope = options.scope ?? this.#delivery.scopeOf(options.filter);
    const past = new PastReader(store, cursors, scope, start);
    return new Subscription(past, this.#delivery, clock, options, start, last, signal);
  }

  async describe(): Promise<Description> {
    return describeHistory(this.store, this.cursors, this.#subscriptions);
  }

  /** From now on nothing is accepted, and every subscription says where it is and ends. */
  drain(): void {
    this.#delivery.drain();
    this.#drained.abort();
  }

  /** Aborts with `drain`. */
  get drained(): AbortSignal {
    return this.#drained.signal;
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
