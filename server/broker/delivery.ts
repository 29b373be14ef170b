import type { Position } from '../events/cursor.js';
import { SubscriptionIndex, type Subscriber } from './subscription-index.js';
import type { DeliveredView, ViewType } from './view-type.js';
import type { VisibleViews } from './visible-views.js';

/** How often an idle live subscription reports its position, so that its cursor does not expire. */
const PROGRESS_INTERVAL_MS = 15_000;

/** A live subscription as the delivery sees it. None of its methods throws. */
export interface LiveSubscriber<View extends DeliveredView, Filter> extends Subscriber<
  View,
  Filter
> {
  /** Called after the subscriber was offered views. */
  wake(): void;
  /** Knows the missed spans that concern the subscriber. */
  readonly visible: Pick<VisibleViews<View, Filter>, 'reportsMissedSpans' | 'isMissedSpan'>;
  /** Called every PROGRESS_INTERVAL_MS. */
  tick(): void;
  /** Called when the delivery has missed entries after this position. */
  fallBehind(position: Position): void;
  /** Called when no more views follow; all stored ones were offered. */
  cut(): void;
}

/**
 * Dispatches each view through an index to the live subscriptions that want it. A subscription that
 * reads the store joins when it has read as far as this has dispatched.
 */
export abstract class Delivery<View extends DeliveredView, Filter> {
  protected readonly index: SubscriptionIndex<View, Filter>;
  readonly #live = new Set<LiveSubscriber<View, Filter>>();
  /** Subscribers to wake in the next microtask. */
  #woken: LiveSubscriber<View, Filter>[] = [];
  #ticker: NodeJS.Timeout | undefined;

  constructor(readonly type: ViewType<View, Filter>) {
    this.index = new SubscriptionIndex(type);
  }

  /** Everything up to here was dispatched. */
  abstract get position(): Position;
  /** The newest entry that this process knows of. */
  abstract get newest(): Position;
  /**
   * Whether subscriptions that read the store have to end, because the broker drains or the history
   * was replaced.
   */
  abstract get isDraining(): boolean;
  /**
   * Whether a subscription that has read up to an offset misses nothing from now on if it joins.
   */
  abstract canJoin(offset: number): boolean;

  /** Resolves once everything up to an offset was dispatched, or nothing more will be. */
  abstract passed(offset: number): Promise<void>;

  /** Keeps the delivery running until `detach`. Returns a promise while it has to start. */
  abstract attach(): Promise<void> | undefined;
  abstract detach(): void;
  /**
   * Starts an attached delivery again if it has failed. Returns a promise while it has to start.
   */
  abstract restart(): Promise<void> | undefined;

  protected get hasLive(): boolean {
    return this.#live.size > 0;
  }

  /**
   * Wakes the subscriber in the next microtask, so that it takes everything that is dispatched in
   * this task at once.
   */
  wakeSoon(subscriber: LiveSubscriber<View, Filter>): void {
    if (this.#woken.length === 0) queueMicrotask(this.#wakeAll);
    this.#woken.push(subscriber);
  }

  readonly #wakeAll = (): void => {
    const woken = this.#woken;
    this.#woken = [];
    for (const subscriber of woken) subscriber.wake();
  };

  join(subscriber: LiveSubscriber<View, Filter>): void {
    this.index.add(subscriber);
    this.#live.add(subscriber);
    if (this.#ticker !== undefined) return;
    this.#ticker = setInterval(() => {
      for (const each of this.#live) each.tick();
    }, PROGRESS_INTERVAL_MS);
    this.#ticker.unref();
  }

  leave(subscriber: LiveSubscriber<View, Filter>): void {
    if (!this.#live.delete(subscriber)) return;
    this.index.remove(subscriber);
    if (this.#live.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  /** Ends the live subscriptions, which have received everything. */
  protected cutLive(): void {
    for (const subscriber of [...this.#live]) subscriber.cut();
  }

  /** Sends the live subscriptions back to the store, because a gap follows this position. */
  protected interruptLive(position: Position): void {
    for (const subscriber of [...this.#live]) subscriber.fallBehind(position);
  }
}
