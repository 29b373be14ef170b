import type { Clock } from '../../protocol/clock.js';
import type { PayloadTypes } from '../../protocol/payload-types.js';
import { BROKER, checkMay, readsAllReadable, type Caller } from '../access/caller.js';
import { CursorWriter, type Position } from '../events/cursor.js';
import { viewer, type EventView } from '../events/event-view.js';
import type { Entry, EntryPosition, EventStore, SharedStore, Stop } from '../history/store.js';
import type { Delivery } from './delivery.js';
import { DerivedDelivery } from './derived-delivery.js';
import { EntryDelivery } from './entry-delivery.js';
import type { EntryViews } from './entry-views.js';
import type { LiveMatching } from './gradual-matching.js';
import type { ReadableHistory } from './history-reader.js';
import { IterationBudget } from './iteration-budget.js';
import { lastPosition } from './position.js';
import { ReaderPace } from './reader-pace.js';
import type { ReaderMemory } from './reader-memory.js';
import type { SubscriptionOptions, SubscriptionStart } from './read-options.js';
import type { SliceSchedule } from './slice-schedule.js';
import { SharedReads } from './shared-reads.js';
import { findStart } from './start.js';
import type { Gap } from './subscription-message.js';
import { Subscription } from './subscription.js';
import type { DeliveredView, DerivedViewType } from './view-type.js';
import { VisibleViews } from './visible-views.js';

/** The parts of a broker that outlive a history. */
export interface LineageSurroundings {
  readonly store: EventStore;
  readonly types: PayloadTypes;
  readonly views: EntryViews;
  readonly clock: Clock;
  readonly schedule: SliceSchedule;
  readonly memory: ReaderMemory;
  /** Logs the filters of a subscription that are too slow to match live. */
  readonly reportCostly: LiveMatching['report'];
  /** Called with each gap that a reader meets. */
  readonly reportGap: (gap: Gap) => void;
}

/**
 * One history until it is replaced: the cursors of its epoch, and the deliveries to its readers.
 */
export class Lineage implements ReadableHistory {
  readonly store: EventStore;
  readonly cursors: CursorWriter;
  readonly view: (entry: Entry) => EventView;
  readonly delivery: EntryDelivery;
  readonly reads: SharedReads;
  readonly schedule: SliceSchedule;
  readonly memory: ReaderMemory;
  readonly liveMatching: LiveMatching;
  readonly reportGap: (gap: Gap) => void;
  /** By their types. */
  readonly #derived = new Map<unknown, unknown>();

  constructor(
    private readonly surroundings: LineageSurroundings,
    { offset, fingerprint }: EntryPosition,
  ) {
    const { store, types, views, reportCostly, schedule, memory } = surroundings;
    this.schedule = schedule;
    this.reportGap = surroundings.reportGap;
    this.memory = memory;
    this.store = store;
    this.liveMatching = { budget: new IterationBudget(), report: reportCostly };
    this.cursors = new CursorWriter(store.epoch);
    this.view = viewer(this.cursors, types);
    const position = { offset, cursor: this.cursors.cursor(offset, fingerprint) };
    this.delivery = new EntryDelivery(store, views, this.view, position);
    const newest = (): Position => this.delivery.newest;
    this.reads = new SharedReads(store, this.view, newest, schedule, memory);
  }

  /** The delivery of derived views, one for each type. */
  deliveryOf<View extends DeliveredView, Filter>(
    type: DerivedViewType<View, Filter>,
  ): Delivery<View, Filter> {
    const known = this.#derived.get(type) as Delivery<View, Filter> | undefined;
    if (known !== undefined) return known;
    const delivery = new DerivedDelivery(type, this.delivery, (options) =>
      this.open(BROKER, this.delivery, options),
    );
    this.#derived.set(type, delivery);
    return delivery;
  }

  /**
   * Opens a subscription that misses nothing from the moment that this resolves. See `findStart`
   * for errors.
   */
  async open<View extends DeliveredView, Filter>(
    caller: Caller,
    delivery: Delivery<View, Filter>,
    options: SubscriptionOptions<Filter>,
  ): Promise<Subscription<View, Filter>> {
    checkNamed(caller, delivery, options);
    const isAttached = !options.stopWhenCaughtUp;
    const time = this.surroundings.clock();
    // Many reads that begin together would block the event loop.
    if (options.start.kind !== 'now') await this.schedule.nextSlice();
    try {
      if (isAttached) await delivery.attach();
      return await this.#open(caller, delivery, options, time, isAttached);
    } catch (error) {
      if (isAttached) delivery.detach();
      throw error;
    }
  }

  /** The entry at an offset; undefined if it is not kept, damaged, or not for the caller. */
  async entryAt({ readable }: Caller, offset: number): Promise<EventView | undefined> {
    const read = await this.store.read(offset - 1, { entries: 1, bytes: 1 });
    const entry = read.kind === 'entries' ? read.entries[0] : undefined;
    if (entry?.offset !== offset) return undefined;
    const view = this.view(entry);
    return readable.has(view.namespace) ? view : undefined;
  }

  /** The position at which a subscription would begin. See `findStart` for errors. */
  async positionOf(start: SubscriptionStart): Promise<Position> {
    await this.store.sync();
    const options = { start, scope: undefined, onGap: 'fail', wantsOnlyLasting: false } as const;
    return (await findStart(options, this.store, this.cursors, this.delivery.newest)).position;
  }

  async #open<View extends DeliveredView, Filter>(
    caller: Caller,
    delivery: Delivery<View, Filter>,
    options: SubscriptionOptions<Filter>,
    time: bigint,
    isAttached: boolean,
  ): Promise<Subscription<View, Filter>> {
    const { store, cursors } = this;
    // First, because the tail then reports all entries that were stored before this call.
    const last = await lastPosition(store, cursors);
    const { start: from, scope, onGap, until } = options;
    const wantsOnlyLasting = delivery.type.wantsOnlyLasting(options.filter);
    const asked = { start: from, scope, onGap, wantsOnlyLasting };
    const start = await findStart(asked, store, cursors, delivery.newest);
    if (start.gap !== undefined) this.surroundings.reportGap(start.gap);
    const opening = { last: last.offset, time };
    const pace = new ReaderPace(caller);
    const visible = new VisibleViews(delivery.type, caller.readable, options, opening, pace);
    const subscription = new Subscription(this, delivery, options, visible, start, isAttached);
    const { onChange } = caller;
    if (onChange !== undefined) {
      subscription.whenClosed(
        onChange(() => {
          subscription.restrict(caller.readable);
        }),
      );
    }
    if (options.stopWhenCaughtUp || (until !== undefined && until < time)) {
      subscription.stopAfter(last);
    }
    return subscription;
  }
}

/** Throws PERMISSION_DENIED if the options name a namespace that the caller may not read. */
function checkNamed<View extends DeliveredView, Filter>(
  caller: Caller,
  { type }: Delivery<View, Filter>,
  { filter, scope }: SubscriptionOptions<Filter>,
): void {
  if (scope !== undefined) checkMay(caller, 'read', scope.key.namespace);
  const named = type.namedNamespaces(filter);
  for (const namespace of named) checkMay(caller, 'read', namespace);
  if (scope === undefined && named.length === 0) readsAllReadable(caller);
}

/**
 * The current lineage of a store. A listener that is added to the tail as soon as this resolves
 * misses nothing.
 */
export async function currentLineage(surroundings: LineageSurroundings): Promise<Lineage> {
  const { store } = surroundings;
  for (;;) {
    // Other brokers may append to the history, or replace it, while this reads its end.
    const seen: { newest?: EntryPosition | undefined; changed: boolean } = { changed: false };
    const stopTail = store.tail((entries) => (seen.newest = entries.at(-1)));
    const stopReset = onReset(store, () => (seen.changed = true));
    try {
      const last = await store.sync();
      if (!seen.changed) return new Lineage(surroundings, seen.newest ?? last);
    } finally {
      stopTail();
      stopReset();
    }
  }
}

/** See SharedStore.onReset; other stores never call back. */
export function onReset(store: EventStore, listener: (last: EntryPosition) => void): Stop {
  return isShared(store) ? store.onReset(listener) : () => undefined;
}

function isShared(store: EventStore): store is SharedStore {
  return 'onReset' in store;
}
