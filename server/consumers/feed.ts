import type { Caller } from '../access/caller.js';
import { CursorWriter, parseCursor } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import type { Broker, EntrySubscription } from '../broker/broker.js';
import type { Gap } from '../broker/subscription-message.js';
import type { ConsumerSettings, Floor, Ordering } from './consumer-store.js';

/** Receives what a feed reads. */
export interface FeedListener {
  /** Whether another event may be read. */
  hasSpace(): boolean;
  event(view: EventView, key: string): void;
  gap(gap: Gap): void;
  /** Called after some events. */
  read(): void;
  /** The history was replaced, or the broker drains, or reading failed. */
  ended(error: unknown): void;
}

/** Reads the events that a consumer wants, as far as there is space for them. */
export class Feed {
  #considered: Floor;

  private constructor(
    private readonly subscription: EntrySubscription,
    private readonly ordering: Ordering,
    private readonly settled: Set<number>,
    private readonly listener: FeedListener,
    floor: Floor,
  ) {
    this.#considered = floor;
    subscription.onReady = () => {
      this.readOn();
    };
    // Members that take nothing give up the memory that others wait for, and attach again.
    subscription.onEvicted = () => {
      listener.ended(undefined);
    };
  }

  /**
   * Opens a feed that begins after the floor.
   *
   * @param settled offsets above the floor that are left out
   */
  static async open(
    caller: Caller,
    broker: Broker,
    { ordering }: ConsumerSettings,
    filter: FilterSet,
    { floor, settled }: { readonly floor: Floor; readonly settled: Iterable<number> },
    listener: FeedListener,
  ): Promise<Feed> {
    const cursor = new CursorWriter(floor.epoch).cursor(floor.offset, floor.fingerprint);
    const subscription = await broker.subscribe(caller, {
      filter,
      scope: undefined,
      start: { kind: 'after', cursor },
      until: undefined,
      stopWhenCaughtUp: false,
      limit: Infinity,
      onGap: 'continue',
      reportsMissedSpans: true,
    });
    return new Feed(subscription, ordering, new Set(settled), listener, floor);
  }

  /** The last position up to which every wanted event was given to the listener. */
  get considered(): Floor {
    return this.#considered;
  }

  /** Reads on if there is space. Calls back at once with what has arrived. */
  readOn(): void {
    try {
      while (this.listener.hasSpace()) {
        if (this.subscription.closed) return;
        const message = this.subscription.take();
        if (message === undefined) break;
        switch (message.kind) {
          case 'entries':
            for (const view of message.entries) this.#event(view);
            break;
          case 'gap':
            this.#considered = parseCursor(message.to);
            this.listener.gap(message);
            break;
          case 'end':
            this.listener.ended(undefined);
            return;
          default:
            this.#considered = parseCursor(message.cursor);
        }
      }
      this.listener.read();
    } catch (error) {
      this.listener.ended(error);
    }
  }

  #event(view: EventView): void {
    const { offset, fingerprint } = view;
    this.#considered = { epoch: this.#considered.epoch, offset, fingerprint };
    if (this.settled.size > 0 && this.settled.delete(offset)) return;
    this.listener.event(view, this.#keyOf(view));
  }

  /** Events with the same key are delivered one after another. */
  #keyOf(view: EventView): string {
    if (this.ordering === 'total') return '';
    const { container } = view;
    if (this.ordering === 'none' || container === undefined) return `#${view.offset}`;
    return `${view.namespace}\0${container}`;
  }

  close(): void {
    this.subscription.onReady = () => undefined;
    this.subscription.close();
  }
}
