import type { Stop } from '../history/store.js';

/** The state of a subscription that is delivered to a client. */
export interface Reader {
  /** Counts up from 1 with each reader of this broker. */
  readonly id: number;
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
  readonly openedAt: bigint;
  readonly subscription: WatchedSubscription;
}

/** The subscriptions that are delivered to clients now. */
export class Readers {
  readonly #opened = new Set<OpenedReader>();
  #lastId = 0;

  /** @param openedAt ns since 1970 */
  add(subscription: WatchedSubscription, openedAt: bigint): void {
    const opened = { id: ++this.#lastId, openedAt, subscription };
    this.#opened.add(opened);
    subscription.whenClosed(() => this.#opened.delete(opened));
  }

  /** Their state now, in the order in which they began. */
  list(): Reader[] {
    return [...this.#opened].map(({ id, openedAt, subscription }) => {
      const { isLive, position } = subscription;
      return { id, openedAt, isLive, offset: position.offset };
    });
  }
}
