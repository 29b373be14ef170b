import type { Clock } from '../../protos/clock.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import { entryTime } from '../history/entry-time.js';
import type { ContainerKey } from '../history/store.js';
import type { Delivery, LiveSubscriber } from './delivery.js';
import type { Found, PastReader } from './past-reader.js';
import type { PlaceInHistory } from './place.js';
import type { ReadOptions } from './read-options.js';
import type { Start } from './start.js';
import type { Gap, SubscriptionMessage } from './subscription-message.js';
import { wakeAt } from './wake-at.js';

/** What a live subscription may hold that its reader has not taken; beyond it goes back to reading the store. */
const WINDOW = { entries: 1024, bytes: 1024 * 1024 };
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
  #live = false;
  /** While behind: everything up to here was considered. While live, the delivery's place says that. */
  #considered: PlaceInHistory;
  #window: EventView[] = [];
  #windowBytes = 0;
  #unreported = 0;
  #progressDue = false;
  #remaining: number;
  /** Where the limit was reached: more may have been considered than was delivered. '' within the kept exits. */
  #limitCursor: string | undefined;
  /** End once everything up to here was considered. */
  #stopAt: PlaceInHistory | undefined;
  /** Retention overtook it while it was behind. */
  #gap: Gap | undefined;
  #wake: (() => void) | undefined;

  constructor(
    private readonly past: PastReader,
    private readonly delivery: Delivery,
    private readonly clock: Clock,
    private readonly options: ReadOptions,
    private readonly start: Start,
    /** Where the history ended when this was asked for. */
    private readonly lastAtStart: PlaceInHistory,
    private readonly signal: AbortSignal,
  ) {
    this.filter = options.filter;
    this.container = options.scope?.key;
    this.#remaining = options.limit;
    this.#considered = start.place;
    if (options.stopWhenCaughtUp) this.#stopAt = lastAtStart;
    // At once, so that a reader from now misses nothing that happens before it begins to iterate.
    if (this.#hasConsideredAll() && !signal.aborted) this.#join();
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
      if (entries.length > 0) yield this.#entries(entries, false);
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
        yield* this.#readOn();
        if (this.#gap !== undefined && this.options.onGap === 'fail') {
          return yield { kind: 'end', reason: 'gap', cursor: this.#gap.from };
        }
      } else if (!toldCaughtUp) {
        toldCaughtUp = true;
        yield { kind: 'caught up', cursor };
      } else await this.#sleep();
    }
  }

  /** Reads the next entries of the store into the window, and joins the delivery when it has considered as much. */
  async *#readOn(): AsyncGenerator<SubscriptionMessage, void, undefined> {
    const { reached } = this.delivery;
    const found = await this.#read();
    if (found === undefined) return;
    if (found.kind === 'gap') {
      this.#considered = found.place;
      yield (this.#gap = found.gap);
    } else if (found.keptExits) {
      const wanted = found.entries.map((entry) => this.delivery.view(entry)).filter(this.#passes);
      if (wanted.length > 0) yield this.#entries(wanted.slice(0, this.#remaining), true);
    } else {
      // One container's entries end before the history does; what is between concerns it not.
      if (found.entries.length === 0 && reached.offset > this.#considered.offset)
        this.#considered = reached;
      for (const entry of found.entries) this.#consider(this.delivery.view(entry));
      // A view shares its buffer with those around it, and would keep that for as long as this lives.
      const { offset, cursor } = this.#considered;
      this.#considered = { offset, cursor };
    }
    if (this.#hasConsideredAll()) this.#join();
    // Reads of an embedded store never wait, so without this one long replay would stop everybody else.
    await new Promise(setImmediate);
  }

  /** Undefined when this ends now: what was found may be of another history than our cursors, and a resume finds it. */
  async #read(): Promise<Found | undefined> {
    try {
      const found = await this.past.read(this.#considered);
      return this.delivery.draining ? undefined : found;
    } catch (error) {
      if (this.delivery.draining) return undefined;
      throw error;
    }
  }

  #consider(event: EventView): void {
    this.#considered = event;
    this.#unreported += 1;
    if (this.#passes(event)) this.#window.push(event);
  }

  #hasConsideredAll(): boolean {
    return !this.past.inKeptExits && this.#considered.offset >= this.delivery.reached.offset;
  }

  #takeWindow(): EventView[] {
    const taken = this.#window;
    this.#window = [];
    this.#windowBytes = 0;
    return taken.length > this.#remaining ? taken.slice(0, this.#remaining) : taken;
  }

  #entries(entries: readonly EventView[], keptExits: boolean): SubscriptionMessage {
    this.#remaining -= entries.length;
    if (this.#remaining <= 0) this.#limitCursor = keptExits ? '' : entries.at(-1)?.cursor;
    this.#unreported = 0;
    this.#progressDue = false;
    return { kind: 'entries', entries, keptExits };
  }

  #place(): PlaceInHistory {
    // Before the first entry there is no cursor that a resume would get the rest of the kept exits with.
    if (this.past.inKeptExits) return { offset: 0, cursor: '' };
    return this.#live ? this.delivery.reached : this.#considered;
  }

  readonly #passes = (event: EventView): boolean =>
    this.#isWanted(event) && this.filter.matches(event.field);

  #isWanted(event: EventView): boolean {
    const { start, until } = this.options;
    if (until !== undefined && event.timestamp > until) return false;
    if (this.#stopAt !== undefined && event.offset > this.#stopAt.offset) return false;
    if (start.kind !== 'since' || start.withEarlier) return true;
    if (event.offset > this.lastAtStart.offset) return true;
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
