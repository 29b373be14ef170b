import type { Clock } from '../../protos/clock.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import { entryTime } from '../history/entry-time.js';
import type { ContainerKey, EventStore } from '../history/store.js';
import type { Delivery, LiveSubscriber, Reached } from './delivery.js';
import type { ReadOptions } from './read-options.js';
import type { Start } from './start.js';
import type { SubscriptionMessage } from './subscription-message.js';
import { wakeAt } from './wake-at.js';

/** What a live subscription may hold that its reader has not taken; beyond it goes back to reading the store. */
const WINDOW = { entries: 1024, bytes: 1024 * 1024 };
/** One read of the store: long enough to be cheap, short enough that others get their turn. */
const READ = { entries: 512, bytes: 1024 * 1024 };
/** A reader whose filter matches nothing learns its place after so many entries. */
const PROGRESS_ENTRIES = 10_000;

/**
 * One reader's position in history: not a queue. It is either live, fed by the delivery through a small window, or behind,
 * reading the store at its reader's pace; it changes between the two by itself, without a gap or a repeat.
 * Iterate it once; it ends by itself, by its signal, or when the iteration is left.
 */
export class Subscription implements LiveSubscriber {
  readonly filter: FilterSet;
  readonly container: ContainerKey | undefined;
  /** Where the store keeps all that this may want, if that is less than everything. */
  readonly #filedUnder: ContainerKey | undefined;
  #live = false;
  /** While behind: everything up to here was considered. While live, the delivery's place says that. */
  #considered: Reached;
  #window: EventView[] = [];
  #windowBytes = 0;
  #unreported = 0;
  #progressDue = false;
  #remaining: number;
  /** Where the limit was reached: more may have been considered than was delivered. */
  #limitCursor: string | undefined;
  /** End once everything up to here was considered. */
  #stopAt: Reached | undefined;
  #wake: (() => void) | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly delivery: Delivery,
    private readonly clock: Clock,
    private readonly options: ReadOptions,
    private readonly start: Start,
    /** Where the history ended when this was asked for. */
    private readonly lastAtStart: Reached,
    private readonly signal: AbortSignal,
  ) {
    this.filter = options.filter;
    this.container = options.container;
    this.#filedUnder = options.container ?? delivery.containerOf(options.filter);
    this.#remaining = options.limit;
    this.#considered = start.place;
    if (options.stopWhenCaughtUp) this.#stopAt = lastAtStart;
    // At once, so that a reader from now misses nothing that happens before it begins to iterate.
    if (start.place.offset >= delivery.reached.offset && !signal.aborted) this.#join();
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  offer(event: EventView): void {
    // Read from the store already, before the tail told of it.
    if (event.offset <= this.#considered.offset || !this.#isWanted(event)) return;
    this.#window.push(event);
    this.#windowBytes += event.wire.length;
    if (this.#window.length >= WINDOW.entries || this.#windowBytes >= WINDOW.bytes) {
      this.#leave(event);
    }
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  tick(): void {
    this.#progressDue = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SubscriptionMessage, void, undefined> {
    const { until } = this.options;
    const wake = (): void => {
      this.wake();
    };
    const stopTimer = until === undefined ? undefined : wakeAt(until, this.clock, wake);
    try {
      if (this.start.gap !== undefined) yield this.start.gap;
      yield* this.#messages();
    } finally {
      stopTimer?.();
      this.signal.removeEventListener('abort', this.#onAbort);
      this.delivery.leave(this);
    }
  }

  async *#messages(): AsyncGenerator<SubscriptionMessage, void, undefined> {
    let toldCaughtUp = false;
    while (!this.signal.aborted) {
      const entries = this.#takeWindow();
      if (entries.length > 0) yield this.#entries(entries);
      if (this.#limitCursor !== undefined) {
        return yield { kind: 'end', reason: 'complete', cursor: this.#limitCursor };
      }
      this.#checkUntil();
      if (this.#window.length > 0) continue;
      const { offset, cursor } = this.#place();
      if (this.#stopAt !== undefined && offset >= this.#stopAt.offset) {
        // Not the place reached: what lies between was left out, and a resume must find it.
        return yield { kind: 'end', reason: 'complete', cursor: this.#stopAt.cursor };
      }
      if (this.delivery.draining) return yield { kind: 'end', reason: 'shutdown', cursor };
      if (this.#isProgressDue()) yield { kind: 'progress', cursor };
      else if (!this.#live) {
        toldCaughtUp = false;
        await this.#readOn();
      } else if (!toldCaughtUp) {
        toldCaughtUp = true;
        yield { kind: 'caught up', cursor };
      } else await this.#sleep();
    }
  }

  /** Reads the next entries of the store into the window, and joins the delivery when it has considered as much. */
  async #readOn(): Promise<void> {
    const reached = this.delivery.reached;
    const entries = await this.store.read(this.#considered.offset, READ, this.#filedUnder);
    // One container's entries end before the history does; what is between concerns it not.
    if (entries.length === 0 && reached.offset > this.#considered.offset)
      this.#considered = reached;
    for (const entry of entries) {
      const event = this.delivery.view(entry);
      this.#considered = event;
      this.#unreported += 1;
      if (this.#isWanted(event) && this.filter.matches(event.field)) this.#window.push(event);
    }
    if (this.#considered.offset >= this.delivery.reached.offset) this.#join();
    // Reads of an embedded store never wait, so without this one long replay would stop everybody else.
    await new Promise(setImmediate);
  }

  #takeWindow(): EventView[] {
    const taken = this.#window;
    this.#window = [];
    this.#windowBytes = 0;
    return taken.length > this.#remaining ? taken.slice(0, this.#remaining) : taken;
  }

  #entries(entries: readonly EventView[]): SubscriptionMessage {
    this.#remaining -= entries.length;
    if (this.#remaining <= 0) this.#limitCursor = entries.at(-1)?.cursor;
    this.#unreported = 0;
    this.#progressDue = false;
    return { kind: 'entries', entries };
  }

  #place(): Reached {
    return this.#live ? this.delivery.reached : this.#considered;
  }

  #isWanted(event: EventView): boolean {
    const { start, until } = this.options;
    if (until !== undefined && event.timestamp > until) return false;
    if (this.#stopAt !== undefined && event.offset > this.#stopAt.offset) return false;
    if (start.kind !== 'since' || event.offset > this.lastAtStart.offset) return true;
    return entryTime(event.timestamp, event.storedAt) >= start.time;
  }

  #checkUntil(): void {
    const { until } = this.options;
    if (until === undefined || this.#stopAt !== undefined || this.clock() <= until) return;
    this.#stopAt = this.delivery.reached;
  }

  #isProgressDue(): boolean {
    if (!this.#progressDue && this.#unreported < PROGRESS_ENTRIES) return false;
    this.#progressDue = false;
    this.#unreported = 0;
    return true;
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      // It may have come while the reader was busy with a message.
      if (this.signal.aborted) resolve();
    });
  }

  #join(): void {
    this.#live = true;
    this.delivery.join(this);
  }

  #leave(last: EventView): void {
    this.#live = false;
    this.#considered = last;
    this.delivery.leave(this);
  }

  readonly #onAbort = (): void => {
    this.delivery.leave(this);
    this.wake();
  };
}
