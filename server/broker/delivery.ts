import type { CursorWriter, Position } from '../events/cursor.js';
import { EventView } from '../events/event-view.js';
import type { PayloadTypes } from '../../protocol/payload-types.js';
import type { FilterSet } from '../filter/index.js';
import type { Entry, Scope } from '../history/store.js';
import { containerOfFilter } from './filter-facts.js';
import { SubscriptionIndex, type Subscriber } from './subscription-index.js';

/** How often a live subscription that gets nothing is told its place, so that its cursor does not grow old. */
const PROGRESS_INTERVAL_MS = 15_000;

/** A subscription as the delivery sees it. */
export interface LiveSubscriber extends Subscriber {
  /** Something changed that it may be waiting for. Must not throw. */
  wake(): void;
  /** PROGRESS_INTERVAL_MS went by. */
  tick(): void;
}

/**
 * The one deliver loop: what the store's tail tells goes through the index to the live subscriptions. Those that
 * catch up are not here; they read the store until they are where this is, and join.
 */
export class Delivery {
  readonly #index = new SubscriptionIndex();
  readonly #live = new Set<LiveSubscriber>();
  /** They were offered something, and do not know yet. */
  #woken: LiveSubscriber[] = [];
  readonly #ticker: NodeJS.Timeout;
  #reached: Position;
  #draining = false;

  constructor(
    private readonly cursors: CursorWriter,
    private readonly types: PayloadTypes,
    reached: Position,
  ) {
    this.#reached = reached;
    this.#ticker = setInterval(() => {
      for (const subscriber of this.#live) subscriber.tick();
    }, PROGRESS_INTERVAL_MS);
    this.#ticker.unref();
  }

  /** The newest entry that went through: a subscription that has considered it may join. */
  get reached(): Position {
    return this.#reached;
  }

  /** True from `drain` on: subscriptions say where they are and end, for the broker does, or this history. */
  get draining(): boolean {
    return this.#draining;
  }

  /** The scope that has all of a filter's events, which those of users' own payload types would not be in. */
  scopeOf(filter: FilterSet): Scope | undefined {
    const key = this.types.builtInOnly ? containerOfFilter(filter) : undefined;
    return key && { key, lifecycleOnly: false };
  }

  view(entry: Entry): EventView {
    return new EventView(entry, this.cursors, this.types);
  }

  deliver(entries: readonly Entry[]): void {
    // Where nobody listens, all that is wanted is the place.
    const wanted = this.#live.size === 0 ? entries.slice(-1) : entries;
    let last: EventView | undefined;
    for (const entry of wanted) {
      last = this.view(entry);
      this.#index.dispatch(last);
    }
    if (last !== undefined) this.#reached = last;
  }

  /** Wakes it when all that is delivered at this moment was offered, so that it takes that in one. */
  wakeSoon(subscriber: LiveSubscriber): void {
    if (this.#woken.length === 0) queueMicrotask(this.#wakeAll);
    this.#woken.push(subscriber);
  }

  readonly #wakeAll = (): void => {
    const woken = this.#woken;
    this.#woken = [];
    for (const subscriber of woken) subscriber.wake();
  };

  join(subscriber: LiveSubscriber): void {
    this.#index.add(subscriber);
    this.#live.add(subscriber);
  }

  leave(subscriber: LiveSubscriber): void {
    this.#index.remove(subscriber);
    this.#live.delete(subscriber);
  }

  drain(): void {
    this.#draining = true;
    clearInterval(this.#ticker);
    for (const subscriber of this.#live) subscriber.wake();
  }
}
