import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import type { Entry, EventStore, Stop } from '../history/store.js';
import { Delivery, type LiveSubscriber } from './delivery.js';
import type { EntryViews } from './entry-views.js';
import { isMissedSpan } from './missed-spans.js';

/** Delivers the entries that the store's tail reports. */
export class EntryDelivery extends Delivery<EventView, FilterSet> {
  #position: Position;
  #isDraining = false;
  readonly #spanReaders = new Set<LiveSubscriber<EventView, FilterSet>>();
  /** Stops listening to the store's tail. */
  readonly stop: Stop;

  /** @param position the newest entry that the tail has reported so far */
  constructor(
    store: EventStore,
    views: EntryViews,
    private readonly view: (entry: Entry) => EventView,
    position: Position,
  ) {
    super(views);
    this.#position = position;
    this.stop = store.tail(this.#deliver);
  }

  override get position(): Position {
    return this.#position;
  }

  override get newest(): Position {
    return this.#position;
  }

  override get isDraining(): boolean {
    return this.#isDraining;
  }

  override canJoin(offset: number): boolean {
    return offset >= this.#position.offset;
  }

  override passed(): Promise<void> {
    // The tail has reported everything that this process knows of.
    return Promise.resolve();
  }

  override attach(): undefined {}
  override detach(): void {}
  override restart(): undefined {}

  override join(subscriber: LiveSubscriber<EventView, FilterSet>): void {
    super.join(subscriber);
    if (subscriber.visible.reportsMissedSpans) this.#spanReaders.add(subscriber);
    if (this.#isDraining) subscriber.cut();
  }

  override leave(subscriber: LiveSubscriber<EventView, FilterSet>): void {
    this.#spanReaders.delete(subscriber);
    super.leave(subscriber);
  }

  readonly #deliver = (entries: readonly Entry[]): void => {
    // Without live subscriptions, only the position is needed.
    const wanted = this.hasLive ? entries : entries.slice(-1);
    for (const entry of wanted) {
      const view = this.view(entry);
      if (this.#spanReaders.size > 0 && isMissedSpan(view)) this.#meetMissedSpan(view);
      this.index.dispatch(view);
      // A subscription may fall behind between two entries.
      this.#position = view;
    }
  };

  /** Sends those whom a missed span concerns back to the store, where they meet it in its place. */
  #meetMissedSpan(view: EventView): void {
    for (const subscriber of [...this.#spanReaders]) {
      if (subscriber.visible.isMissedSpan(view)) subscriber.postpone();
    }
  }

  /** Ends all subscriptions. */
  drain(): void {
    this.#isDraining = true;
    this.cutLive();
  }
}
