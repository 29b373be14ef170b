import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import { Delivery } from './delivery.js';
import type { EntryDelivery } from './entry-delivery.js';
import { Follower } from './follower.js';
import { positionOf } from './position.js';
import type { SubscriptionOptions } from './read-options.js';
import type { Subscription } from './subscription.js';
import type { SubscriptionMessage } from './subscription-message.js';
import type { DeliveredView, Deriver, DerivedViewType } from './view-type.js';

/** Opens a subscription to the entries of the same history. */
export type OpenEntries = (
  options: SubscriptionOptions,
) => Promise<Subscription<EventView, FilterSet>>;

const FROM_NOW = {
  scope: undefined,
  start: { kind: 'now' },
  until: undefined,
  stopWhenCaughtUp: false,
  limit: Infinity,
  onGap: 'continue',
} as const satisfies Partial<SubscriptionOptions>;

/**
 * Follows the entries while subscriptions are attached, derives the view of each entry once, and
 * dispatches it.
 */
export class DerivedDelivery<View extends DeliveredView, Filter> extends Delivery<View, Filter> {
  #attached = 0;
  #starting: Promise<void> | undefined;
  #follower: Follower<EventView> | undefined;
  /** The views of all entries up to here were dispatched. */
  #dispatched: Position;

  constructor(
    private readonly derivedType: DerivedViewType<View, Filter>,
    private readonly source: EntryDelivery,
    private readonly open: OpenEntries,
  ) {
    super(derivedType);
    this.#dispatched = source.position;
  }

  override get position(): Position {
    this.#dispatched = this.#follower?.position ?? this.#dispatched;
    return this.#dispatched;
  }

  override get newest(): Position {
    return this.source.newest;
  }

  override get isDraining(): boolean {
    return this.source.isDraining;
  }

  override canJoin(offset: number): boolean {
    return this.#follower !== undefined && offset >= this.position.offset;
  }

  override async passed(offset: number): Promise<void> {
    await this.#follower?.passed(offset);
  }

  override attach(): Promise<void> | undefined {
    this.#attached += 1;
    return this.restart();
  }

  override detach(): void {
    this.#attached -= 1;
    if (this.#attached === 0) this.#stop();
  }

  override restart(): Promise<void> | undefined {
    if (this.#follower !== undefined) return undefined;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<void> {
    // Read before the subscription starts, so that all entries after this position are dispatched.
    const position = positionOf(this.source.position);
    const subscription = await this.open({ ...FROM_NOW, filter: this.derivedType.source });
    try {
      const deriver = await this.derivedType.openLive();
      if (this.#attached > 0) this.#follow(subscription, deriver, position);
      else subscription.close();
    } catch (error) {
      subscription.close();
      throw error;
    }
  }

  #follow(
    subscription: Subscription<EventView, FilterSet>,
    deriver: Deriver<View>,
    position: Position,
  ): void {
    this.#dispatched = position;
    const isCurrent = (): boolean => this.#follower === follower;
    const follower = new Follower<EventView>(
      subscription,
      (message) => this.#handle(message, deriver, isCurrent),
      (failure) => {
        if (!isCurrent()) return;
        this.#follower = undefined;
        if (failure !== undefined) this.derivedType.onFailure(failure.error);
        this.cutLive();
      },
    );
    this.#follower = follower;
  }

  #stop(): void {
    const follower = this.#follower;
    this.#follower = undefined;
    follower?.close();
  }

  #handle(
    message: SubscriptionMessage,
    deriver: Deriver<View>,
    isCurrent: () => boolean,
  ): Promise<void> | undefined {
    if (message.kind === 'entries') return this.#derive(message.entries, deriver, isCurrent);
    if (message.kind === 'gap') {
      // The deriver has missed entries, too, so it is replaced. Each subscription meets the gap at
      // its own position.
      this.derivedType.onGap(message);
      this.#stop();
      this.interruptLive(this.#dispatched);
    }
    return undefined;
  }

  async #derive(
    entries: readonly EventView[],
    deriver: Deriver<View>,
    isCurrent: () => boolean,
  ): Promise<void> {
    for (const entry of entries) {
      const next = deriver.next(entry);
      const view = next instanceof Promise ? await next : next;
      if (!isCurrent()) return;
      if (view !== undefined) this.index.dispatch(view);
      this.#dispatched = entry;
    }
  }
}
