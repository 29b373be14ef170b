import type { Position } from '../events/cursor.js';
import type { Subscription } from './subscription.js';
import type { SubscriptionMessage } from './subscription-message.js';
import type { DeliveredView } from './view-type.js';

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
}

/** How a follower uses a subscription. */
type Followed<View extends DeliveredView> = Pick<
  Subscription<View, unknown>,
  'onReady' | 'take' | 'close' | 'closed' | 'isDrained' | 'position' | 'dispatched'
>;

/** Handles all messages of a subscription, one after the other, and knows how far it has come. */
export class Follower<View extends DeliveredView> {
  #handled = 0;
  #isBusy = false;
  #waiters: Waiter[] = [];

  /**
   * @param handle returns a promise only where it has to wait
   * @param ended called once, with the failure if the subscription or `handle` failed
   */
  constructor(
    private readonly subscription: Followed<View>,
    private readonly handle: (message: SubscriptionMessage<View>) => Promise<void> | undefined,
    private readonly ended: (failure: { readonly error: unknown } | undefined) => void,
  ) {
    subscription.onReady = () => {
      if (!this.#isBusy) void this.#run();
    };
    void this.#run();
  }

  /** Everything up to here was handled; undefined while messages wait to be. */
  get position(): Position | undefined {
    return this.#isBusy || !this.subscription.isDrained ? undefined : this.subscription.position;
  }

  /** Resolves once everything up to an offset was handled, or nothing more will be. */
  async passed(offset: number): Promise<void> {
    await this.subscription.dispatched(offset);
    if (this.subscription.closed || offset <= (this.position?.offset ?? this.#handled)) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push({ offset, resolve });
    });
  }

  close(): void {
    this.subscription.close();
  }

  async #run(): Promise<void> {
    const { subscription } = this;
    this.#isBusy = true;
    let failure: { readonly error: unknown } | undefined;
    try {
      for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
        const handling = this.handle(next);
        if (handling !== undefined) await handling;
        this.#advance(next);
      }
    } catch (error) {
      failure = { error };
      subscription.close();
    }
    this.#isBusy = false;
    if (!subscription.closed) {
      this.#release(this.position?.offset ?? 0);
      return;
    }
    subscription.onReady = () => {};
    this.#release(Infinity);
    this.ended(failure);
  }

  #advance(message: SubscriptionMessage<View>): void {
    if (message.kind !== 'entries' || message.keptExits) return;
    this.#handled = message.entries.at(-1)?.offset ?? this.#handled;
    this.#release(this.#handled);
  }

  #release(offset: number): void {
    if (this.#waiters.length === 0) return;
    const done = this.#waiters.filter((waiter) => waiter.offset <= offset);
    this.#waiters = this.#waiters.filter((waiter) => waiter.offset > offset);
    for (const { resolve } of done) resolve();
  }
}
