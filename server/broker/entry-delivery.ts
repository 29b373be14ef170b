import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import type { Entry, EventStore, Stop } from '../history/store.js';
import { Delivery, type LiveSubscriber } from './delivery.js';
import type { EntryViews } from './entry-views.js';

/** Delivers the entries that the store's tail reports. */
export class EntryDelivery extends Delivery<EventView, FilterSet> {
  #position: Position;
  #isDraining = false;
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
    if (this.#isDraining) subscriber.cut();
  }

  readonly #deliver = (entries: readonly Entry[]): void => {
    // Without live subscriptions, only the position is needed.
    const wanted = this.hasLive ? entries : entries.slice(-1);
    for (const entry of wanted) {
      const view = this.view(entry);
      this.index.dispatch(view);
      // A subscription may fall behind between two entries.
      this.#position = view;
    }
  };

  /** Ends all subscriptions. */
  drain(): void {
    this.#isDraining = true;
    this.cutLive();
  }
}
