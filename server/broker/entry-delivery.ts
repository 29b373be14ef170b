import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import type { Entry } from '../history/store.js';
import { Delivery, type LiveSubscriber } from './delivery.js';
import type { EntryViews } from './entry-views.js';

/** Delivers the entries that the store's tail reports. */
export class EntryDelivery extends Delivery<EventView, FilterSet> {
  #position: Position;
  #isDraining = false;

  constructor(
    views: EntryViews,
    private readonly view: (entry: Entry) => EventView,
    position: Position,
  ) {
    super(views);
    this.#position = position;
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

  deliver(entries: readonly Entry[]): void {
    // Without live subscriptions, only the position is needed.
    const wanted = this.hasLive ? entries : entries.slice(-1);
    let last: EventView | undefined;
    for (const entry of wanted) {
      last = this.view(entry);
      this.dispatch(last);
    }
    if (last !== undefined) this.#position = last;
  }

  /** Ends all subscriptions. */
  drain(): void {
    this.#isDraining = true;
    this.cutLive();
  }
}
