import { seesWholeBroker, type Caller } from '../access/caller.js';
import type { Clock } from '../../protocol/clock.js';
import type { Stop } from '../history/store.js';

/** The state of a subscription that is delivered to a client. */
export interface Reader {
  /** Counts up from 1 with each reader of this broker. */
  readonly id: number;
  /** The name of the caller who opened it; empty for a local caller without a name. */
  readonly caller: string;
  /** When it began, ns since 1970. */
  readonly openedAt: bigint;
  /** Whether it gets entries as they are stored; otherwise it reads the history. */
  readonly isLive: boolean;
  /** Everything up to here was considered. */
  readonly offset: number;
}

/** A subscription, as far as it is watched. */
interface WatchedSubscription {
  readonly isLive: boolean;
  readonly position: { readonly offset: number };
  whenClosed(callback: Stop): void;
}

interface OpenedReader {
  readonly id: number;
  /** The name of the caller who opened it. */
  readonly caller: string;
  readonly openedAt: bigint;
  readonly subscription: WatchedSubscription;
}

/** The subscriptions that are delivered to clients now. */
export class Readers {
  readonly #opened = new Set<OpenedReader>();
  #lastId = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Opens a subscription within its caller's quota. Throws RESOURCE_EXHAUSTED above it.
   *
   * @param filters number of filters of the subscription
   */
  async open<Opened extends WatchedSubscription>(
    { name, quota }: Caller,
    filters: number,
    open: () => Promise<Opened>,
  ): Promise<Opened> {
    const leave = quota?.holdSubscription(filters);
    try {
      const subscription = await open();
      const openedAt = this.clock();
      const opened = { id: ++this.#lastId, caller: name, openedAt, subscription };
      this.#opened.add(opened);
      subscription.whenClosed(() => {
        this.#opened.delete(opened);
        leave?.();
      });
      return subscription;
    } catch (error) {
      leave?.();
      throw error;
    }
  }

  /** The number of readers that a caller may know of: its own, or all. */
  count(caller: Caller): number {
    return this.#of(caller).length;
  }

  /** The state now of those that a caller may know of, in the order in which they began. */
  list(caller: Caller): Reader[] {
    return this.#of(caller).map(({ id, caller, openedAt, subscription }) => {
      const { isLive, position } = subscription;
      return { id, caller, openedAt, isLive, offset: position.offset };
    });
  }

  #of(caller: Caller): OpenedReader[] {
    const all = [...this.#opened];
    return seesWholeBroker(caller) ? all : all.filter((reader) => reader.caller === caller.name);
  }
}
