import { setMaxListeners } from 'node:events';
import type { PayloadTypes } from '../../protocol/payload-types.js';
import { FoghornError } from '../../protocol/errors.js';
import type { Clock } from '../../protocol/clock.js';
import type { Caller } from '../access/caller.js';
import type { CursorWriter, Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import {
  containerOfKey,
  namespacePrefix,
  type ContainerKey,
  type Scope,
} from '../events/filing.js';
import type { EntryPosition, EventStore, Stop } from '../history/store.js';
import { Intake } from './accept.js';
import { appendEach, type AppendedEvents, type NewEvent } from './append.js';
import { NO_REPORTS, type BrokerReports } from './broker-reports.js';
import { ContainerReader } from './container-reader.js';
import { closeWith, stopAtNewest } from './close-with.js';
import type { Delivery } from './delivery.js';
import { EntryViews } from './entry-views.js';
import { traceDeliveries } from './event-tracing.js';
import { describeHistory, type Description } from './description.js';
import { currentLineage, Lineage, onReset, type LineageSurroundings } from './lineage.js';
import { ReaderMemory } from './reader-memory.js';
import type { SubscriptionOptions, SubscriptionStart } from './read-options.js';
import { findGap } from './gap.js';
import { Readers } from './readers.js';
import { SliceSchedule } from './slice-schedule.js';
import type { Subscription } from './subscription.js';
import { openIntake } from './traced-intake.js';
import type { Gap } from './subscription-message.js';
import type { DeliveredView, DerivedViewType } from './view-type.js';
import { wakeAt } from './wake-at.js';

export type EntrySubscription = Subscription<EventView, FilterSet>;

/**
 * Accepts events, stores them, and delivers the history. A publisher is answered when its event is
 * stored, and subscribers are fed from the store.
 */
export class Broker {
  readonly intake: Intake;
  readonly readers: Readers;
  private readonly store: EventStore;
  readonly #stopReset: Stop;
  readonly #drained = new AbortController();
  #replacements = 0;

  private constructor(
    private readonly surroundings: LineageSurroundings,
    private lineage: Lineage,
    private readonly reports: BrokerReports,
  ) {
    // Every publisher's stream adds a listener.
    setMaxListeners(0, this.#drained.signal);
    const { store, clock } = surroundings;
    this.store = store;
    this.intake = openIntake(reports.tracing, store, clock, this.drained, reports.refusedEvent);
    this.readers = new Readers(clock);
    this.#stopReset = onReset(store, this.#beginLineage);
  }

  /** Nothing else in this process may write to an embedded store before this resolves. */
  static async start(
    store: EventStore,
    types: PayloadTypes,
    clock: Clock,
    given: Partial<BrokerReports> = {},
  ): Promise<Broker> {
    const shared = { schedule: new SliceSchedule(), memory: new ReaderMemory() };
    const reports = { ...NO_REPORTS, ...given };
    const { costlyFilter: reportCostly, gap: reportGap } = reports;
    const views = new EntryViews(types);
    const parts = { store, types, views, clock, ...shared, reportCostly, reportGap };
    return new Broker(parts, await currentLineage(parts), reports);
  }

  /** Divides the time for everything that may take long. */
  get schedule(): SliceSchedule {
    return this.surroundings.schedule;
  }

  /** The views of plain entries. */
  get entryViews(): EntryViews {
    return this.surroundings.views;
  }

  /**
   * Ends the subscriptions to the history before. Their readers resume with their cursors, and then
   * learn which entries they have lost.
   */
  readonly #beginLineage = (last: EntryPosition): void => {
    const before = this.lineage;
    this.#replacements += 1;
    this.lineage = new Lineage(this.surroundings, last);
    before.delivery.stop();
    before.delivery.drain();
    if (this.#drained.signal.aborted) this.lineage.delivery.drain();
  };

  /** Stores several events, see `appendEach`; `intake` takes single ones. */
  async append(
    caller: Caller,
    events: readonly (NewEvent | FoghornError)[],
  ): Promise<AppendedEvents> {
    this.drained.throwIfAborted();
    const { clock, store } = this.surroundings;
    const cursors = (): CursorWriter => this.lineage.cursors;
    return appendEach(caller, events, store, cursors, clock, this.reports);
  }

  /**
   * Opens a subscription that misses nothing from the moment that this resolves. The caller closes
   * it, or aborts the signal. See `findStart` for errors; throws RESOURCE_EXHAUSTED above the
   * caller's quota.
   */
  async subscribe(
    caller: Caller,
    options: SubscriptionOptions,
    signal?: AbortSignal,
  ): Promise<EntrySubscription> {
    const { length } = options.filter.filters;
    const open = () => this.open(caller, options, signal);
    const opened = await this.readers.open(caller, length, open);
    return traceDeliveries(opened, this.reports.tracing, this.surroundings.clock);
  }

  /** Like `subscribe`, for views that are derived from entries. */
  async subscribeTo<View extends DeliveredView, Filter>(
    caller: Caller,
    type: DerivedViewType<View, Filter>,
    options: SubscriptionOptions<Filter>,
    signal?: AbortSignal,
  ): Promise<Subscription<View, Filter>> {
    return this.readers.open(caller, 1, () => this.openView(caller, type, options, signal));
  }

  /**
   * Like `subscribe`, but `describe` does not count the subscription, because it is a step of an
   * answer and not a reader.
   */
  async open(
    caller: Caller,
    options: SubscriptionOptions,
    signal?: AbortSignal,
  ): Promise<EntrySubscription> {
    return this.#open(caller, ({ delivery }) => delivery, options, signal);
  }

  /** Like `subscribeTo`, but not counted. */
  async openView<View extends DeliveredView, Filter>(
    caller: Caller,
    type: DerivedViewType<View, Filter>,
    options: SubscriptionOptions<Filter>,
    signal?: AbortSignal,
  ): Promise<Subscription<View, Filter>> {
    return this.#open(caller, (lineage) => lineage.deliveryOf(type), options, signal);
  }

  async #open<View extends DeliveredView, Filter>(
    caller: Caller,
    deliveryIn: (lineage: Lineage) => Delivery<View, Filter>,
    options: SubscriptionOptions<Filter>,
    signal: AbortSignal | undefined,
  ): Promise<Subscription<View, Filter>> {
    const { until, beforeEnd } = options;
    return this.#steadily(async (lineage) => {
      this.drained.throwIfAborted();
      const subscription = await lineage.open(caller, deliveryIn(lineage), options);
      if (signal !== undefined) closeWith(signal, subscription);
      if (until !== undefined) {
        const { clock } = this.surroundings;
        const end = async (): Promise<void> => {
          await beforeEnd?.();
          await stopAtNewest(subscription, this.store, lineage.delivery);
        };
        const stop = wakeAt(until, clock, () => void end());
        subscription.whenClosed(stop);
      }
      return subscription;
    });
  }

  /** How many entries have outlived those around them. */
  readonly keptExitCount = async (): Promise<number> => (await this.store.bounds()).lastingEntries;

  /** Sizes and other callers' subscriptions are for callers who may read everything. */
  async describe(caller: Caller): Promise<Description> {
    return this.#steadily(({ cursors }) =>
      describeHistory(caller, this.store, cursors, this.readers.count(caller)),
    );
  }

  /** Asks again when the history was replaced meanwhile, because the answer may mix both. */
  async #steadily<Answer>(ask: (lineage: Lineage) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const { lineage } = this;
      try {
        const answer = await ask(lineage);
        if (lineage === this.lineage) return answer;
      } catch (error) {
        if (lineage === this.lineage) throw error;
      }
    }
  }

  /**
   * The gap that a reader with this cursor meets; undefined if it has lost nothing. Throws
   * INVALID_ARGUMENT for text that is not a cursor.
   */
  async gapAfter(cursor: string): Promise<Gap | undefined> {
    const found = await this.#steadily(({ cursors }) => findGap(cursor, this.store, cursors));
    return found?.gap;
  }

  /**
   * Runs `read` with the kept entries of a container after an offset, without those of its execs.
   * Runs it again if the history was replaced meanwhile.
   */
  async readContainer<Result>(
    caller: Caller,
    key: Scope['key'],
    after: number,
    read: (entries: ContainerReader) => Promise<Result>,
  ): Promise<Result> {
    return this.#steadily((lineage) => read(new ContainerReader(caller, lineage, key, after)));
  }

  async entryAt(caller: Caller, offset: number): Promise<EventView | undefined> {
    return this.#steadily((lineage) => lineage.entryAt(caller, offset));
  }

  /** See `Lineage.positionOf`. */
  async positionOf(start: SubscriptionStart): Promise<Position> {
    return this.#steadily((lineage) => lineage.positionOf(start));
  }

  /** Counts how often the history was replaced while this broker followed it. */
  get replacements(): number {
    return this.#replacements;
  }

  /**
   * The containers of a namespace that the history knows, in no particular order; none if the
   * caller may not read it.
   */
  containers(caller: Caller, namespace: string): AsyncIterable<ContainerKey> {
    return this.containerKeys(caller, namespacePrefix(namespace));
  }

  /** The readable containers whose keys begin with a prefix; all for an empty one. */
  async *containerKeys(caller: Caller, prefix: string): AsyncIterable<ContainerKey> {
    const { readable } = caller;
    for await (const key of this.store.keys(prefix)) {
      const container = containerOfKey(key);
      if (readable.isEverything || readable.has(container.namespace)) yield container;
    }
  }

  /** The offset of an entry that is at least as new as all that were stored before this call. */
  async newest(): Promise<number> {
    return this.#steadily(async ({ delivery }) => {
      await this.store.sync();
      return delivery.newest.offset;
    });
  }

  /** Accepts nothing more, and ends every subscription with its position. */
  drain(): void {
    this.lineage.delivery.drain();
    this.#drained.abort(new FoghornError('UNAVAILABLE', 'the broker is shutting down'));
  }

  /** Aborts with `drain`. */
  get drained(): AbortSignal {
    return this.#drained.signal;
  }

  /** Stops listening to the store, which its owner closes. */
  close(): void {
    this.#stopReset();
    this.lineage.delivery.stop();
  }
}
