import type { Clock } from '../../protocol/clock.js';
import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import { entryTime } from '../history/entry-time.js';
import type { ContainerKey, Stop } from '../history/store.js';
import type { Delivery, LiveSubscriber } from './delivery.js';
import { iterate, type MessageSource } from './message-source.js';
import type { Found, PastReader } from './past-reader.js';
import { positionOf } from './position.js';
import type { ReadOptions } from './read-options.js';
import type { Start } from './start.js';
import type { Gap, SubscriptionMessage } from './subscription-message.js';
import { Window } from './window.js';

/** A reader whose filter matches nothing learns its position after so many entries. */
const PROGRESS_ENTRIES = 10_000;

/**
 * One reader's position in history: not a queue. It is either live, fed by the delivery through a small window, or behind,
 * reading the store at its reader's pace; it changes between the two by itself, without a gap or a repeat.
 *
 * Its reader takes messages as long as there are any, and is called when there may be more; or it iterates, once. It ends by
 * itself, when it is closed, or when the iteration is left.
 */
export class Subscription implements LiveSubscriber, MessageSource<SubscriptionMessage> {
  readonly filter: FilterSet;
  readonly container: ContainerKey | undefined;
  onReady = nothing;
  #closed = false;
  #live = false;
  /** While behind: everything up to here was considered. While live, the delivery's position says that. */
  #considered: Position;
  /** Found already, and before what is in the window. */
  #next: SubscriptionMessage | undefined;
  readonly #window = new Window();
  /** A read of the store is under way: only when that is over it is clear what comes next. */
  #reading = false;
  #failure: { readonly error: unknown } | undefined;
  #toldCaughtUp = false;
  #unreported = 0;
  #progressDue = false;
  #remaining: number;
  /** Where the limit was reached: more may have been considered than was delivered. '' within the kept exits. */
  #limitCursor: string | undefined;
  /** End once everything up to here was considered. */
  #stopAt: Position | undefined;
  /** Retention overtook it while it was behind. */
  #gap: Gap | undefined;
  #whenClosed: readonly Stop[] = [];

  constructor(
    private readonly past: PastReader,
    private readonly delivery: Delivery,
    private readonly clock: Clock,
    private readonly options: ReadOptions,
    start: Start,
    /** Where the history ended when this was asked for. */
    private readonly lastAtStart: Position,
  ) {
    this.filter = options.filter;
    this.container = options.scope?.key;
    this.#remaining = options.limit;
    this.#considered = start.position;
    this.#next = start.gap;
    if (options.stopWhenCaughtUp) this.#stopAt = lastAtStart;
    // At once, so that a reader from now misses nothing that happens before it begins to take.
    if (this.#hasConsideredAll()) this.#join();
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#finish();
    this.onReady();
  }

  #finish(): void {
    this.#closed = true;
    this.delivery.leave(this);
    for (const stop of this.#whenClosed) stop();
  }

  /** Calls back once nothing comes any more. */
  whenClosed(callback: Stop): void {
    if (this.#closed) callback();
    else this.#whenClosed = [...this.#whenClosed, callback];
  }

  offer(event: EventView): void {
    // Read from the store already, before the tail told of it.
    if (event.offset <= this.#considered.offset || !this.#isWanted(event)) return;
    this.#window.push(event, event.wireBytes);
    if (this.#window.length === 1) this.delivery.wakeSoon(this);
    if (this.#window.isFull) this.#leave(event);
  }

  wake(): void {
    this.onReady();
  }

  tick(): void {
    this.#progressDue = true;
    this.wake();
  }

  /** Throws when the store cannot be read. */
  take(): SubscriptionMessage | undefined {
    if (this.#closed || this.#reading) return undefined;
    if (this.#failure !== undefined) {
      this.#finish();
      throw this.#failure.error;
    }
    const message = this.#takeNext();
    if (message?.kind === 'end') this.#finish();
    return message;
  }

  [Symbol.asyncIterator](): AsyncIterator<SubscriptionMessage> {
    return iterate(this);
  }

  #takeNext(): SubscriptionMessage | undefined {
    const next = this.#next;
    if (next !== undefined) {
      this.#next = undefined;
      return next;
    }
    if (this.#limitCursor === undefined && this.#window.length > 0) {
      return this.#entries(this.#window.take(this.#remaining), false);
    }
    const end = this.#end();
    if (end !== undefined) return end;
    if (this.#isProgressDue()) return { kind: 'progress', cursor: this.#position().cursor };
    if (!this.#live) {
      this.#toldCaughtUp = false;
      void this.#readOn();
      return undefined;
    }
    if (this.#toldCaughtUp) return undefined;
    this.#toldCaughtUp = true;
    return { kind: 'caught up', cursor: this.#position().cursor };
  }

  /** The last message, if it is time for that. */
  #end(): SubscriptionMessage | undefined {
    if (this.#limitCursor !== undefined) {
      return { kind: 'end', reason: 'complete', cursor: this.#limitCursor };
    }
    if (this.#gap !== undefined && this.options.onGap === 'fail') {
      return { kind: 'end', reason: 'gap', cursor: this.#gap.from };
    }
    this.#checkUntil();
    const position = this.#position();
    if (this.#stopAt !== undefined && position.offset >= this.#stopAt.offset) {
      // Not the position reached: what lies between was left out, and a resume must find it.
      return { kind: 'end', reason: 'complete', cursor: this.#stopAt.cursor };
    }
    if (this.delivery.draining) return { kind: 'end', reason: 'shutdown', cursor: position.cursor };
    return undefined;
  }

  /** Reads the next entries of the store into the window, and joins the delivery when it has considered as much. */
  async #readOn(): Promise<void> {
    this.#reading = true;
    try {
      const { reached } = this.delivery;
      const found = await this.#read();
      if (found !== undefined && !this.#closed) this.#receive(found, reached);
      // Reads of an embedded store never wait, so without this one long replay would stop everybody else.
      await new Promise(setImmediate);
    } catch (error) {
      this.#failure = { error };
    }
    this.#reading = false;
    this.onReady();
  }

  #receive(found: Found, reached: Position): void {
    if (found.kind === 'gap') {
      this.#considered = found.position;
      this.#next = this.#gap = found.gap;
    } else if (found.keptExits) {
      const views = found.entries.map((entry) => this.delivery.view(entry));
      const wanted = views.filter((event) => this.#passes(event));
      if (wanted.length > 0) this.#next = this.#entries(wanted.slice(0, this.#remaining), true);
    } else {
      // One container's entries end before the history does; what is between concerns it not.
      if (found.entries.length === 0 && reached.offset > this.#considered.offset)
        this.#considered = reached;
      for (const entry of found.entries) this.#consider(this.delivery.view(entry));
      // A view shares its buffer with those around it, and would keep that for as long as this lives.
      this.#considered = positionOf(this.#considered);
    }
    if (this.#hasConsideredAll()) this.#join();
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
    // One read is no more than fits; its size is not asked for, since not everybody needs the encoded entries.
    if (this.#passes(event)) this.#window.push(event, 0);
  }

  #hasConsideredAll(): boolean {
    return !this.past.inKeptExits && this.#considered.offset >= this.delivery.reached.offset;
  }

  #entries(entries: readonly EventView[], keptExits: boolean): SubscriptionMessage {
    this.#remaining -= entries.length;
    if (this.#remaining <= 0) this.#limitCursor = keptExits ? '' : entries.at(-1)?.cursor;
    this.#unreported = 0;
    this.#progressDue = false;
    return { kind: 'entries', entries, keptExits };
  }

  #position(): Position {
    // Before the first entry there is no cursor that a resume would get the rest of the kept exits with.
    if (this.past.inKeptExits) return { offset: 0, cursor: '' };
    return this.#live ? this.delivery.reached : this.#considered;
  }

  #passes(event: EventView): boolean {
    return this.#isWanted(event) && this.filter.matches(event.field);
  }

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

  #join(): void {
    this.#live = true;
    this.delivery.join(this);
  }

  #leave(last: EventView): void {
    this.#live = false;
    this.#considered = last;
    this.delivery.leave(this);
  }
}

function nothing(): void {}
