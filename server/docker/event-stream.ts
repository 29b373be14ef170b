import type { ReadStart } from '../broker/read-options.js';
import { wakeAt } from '../broker/wake-at.js';
import type { EventFilters } from './event-filters.js';
import type { EventQuery } from './event-query.js';
import type { LiveReader } from './live-feed.js';
import { heldIn } from './namespace-reads.js';
import { PastEvents } from './past-events.js';
import type { StreamSource } from './stream-source.js';
import type { LineForm, ShownEvent } from './shown-event.js';

/** What a live stream may hold that its client has not taken; beyond it goes back to reading the history. */
const WINDOW = { events: 1024, bytes: 1024 * 1024 };

/**
 * The events that one client asked for: first those of the past, read from the history at the client's pace, then those that
 * happen. A client that does not take them goes back to reading the history when its small window is full, so that it
 * misses nothing, holds little and delays nobody. Iterate it once; leave the iteration or abort the signal to end it.
 */
export class EventStream implements LiveReader {
  readonly filters: EventFilters;
  #window: ShownEvent[] = [];
  #windowBytes = 0;
  /** The cursor of the event that filled the window; the history has what comes after it. */
  #filledAt: string | undefined;
  #remaining: number;
  /** Up to this offset, events were there before the client was, though the feed may still have to tell them. */
  #newestAtStart = 0;
  readonly #openedAt: bigint;
  /** `until` has passed: tell everything up to here, and end. */
  #stopAt: number | undefined;
  #cut = false;
  #wake: (() => void) | undefined;

  private constructor(
    private readonly source: StreamSource,
    private readonly query: EventQuery,
    private readonly form: LineForm,
    private readonly signal: AbortSignal,
  ) {
    this.filters = query.filters;
    this.#remaining = query.limit;
    this.#openedAt = source.clock();
  }

  /**
   * Resolves when it misses nothing any more. Throws OUT_OF_RANGE when the place that it shall begin after is gone, and
   * UNAVAILABLE.
   */
  static async open(
    source: StreamSource,
    query: EventQuery,
    form: LineForm,
    signal: AbortSignal,
  ): Promise<AsyncIterable<readonly ShownEvent[]>> {
    const stream = new EventStream(source, query, form, signal);
    signal.addEventListener('abort', () => stream.#wake?.(), { once: true });
    try {
      stream.#newestAtStart = await source.broker.newest();
      const joinedAt = query.pastOnly ? Infinity : await source.feed.join(stream);
      const past = await stream.#openPast();
      return stream.#events(past, Math.max(joinedAt, stream.#newestAtStart));
    } catch (error) {
      stream.#leave();
      throw error;
    }
  }

  offer(event: ShownEvent): void {
    if (event.offset <= this.#newestAtStart || this.#isStale(event)) return;
    this.#window.push(event);
    this.#windowBytes += event.chunk(this.form).length;
    this.#wake?.();
    if (this.#window.length < WINDOW.events && this.#windowBytes < WINDOW.bytes) return;
    this.#filledAt = event.cursor;
    this.#leave();
  }

  cut(): void {
    this.#cut = true;
    this.#wake?.();
  }

  async *#events(
    past: PastEvents | undefined,
    pastUpTo: number,
  ): AsyncGenerator<readonly ShownEvent[], void, undefined> {
    const stopTimer = this.#startTimer();
    try {
      if (past !== undefined) yield* this.#tell(past, pastUpTo, this.#isOfThePast);
      if (!this.query.pastOnly) yield* this.#live();
    } finally {
      stopTimer();
      this.#leave();
    }
  }

  async *#live(): AsyncGenerator<readonly ShownEvent[], void, undefined> {
    while (this.#remaining > 0 && !this.signal.aborted) {
      const events = this.#takeWindow();
      if (events.length > 0) yield this.#upToLimit(events);
      else if (this.#filledAt !== undefined) yield* this.#catchUp(this.#filledAt);
      else if (this.#cut || this.#stopAt !== undefined) return;
      else await this.#sleep();
    }
  }

  /** Joins first and reads then, so that nothing falls between. */
  async *#catchUp(after: string): AsyncGenerator<readonly ShownEvent[], void, undefined> {
    this.#filledAt = undefined;
    const upTo = this.#stopAt ?? (await this.source.feed.join(this));
    const missed = await this.#read({ kind: 'after', cursor: after });
    yield* this.#tell(missed, upTo, (event) => !this.#isStale(event));
  }

  async *#tell(
    past: PastEvents,
    upTo: number,
    isWanted: (event: ShownEvent) => boolean,
  ): AsyncGenerator<readonly ShownEvent[], void, undefined> {
    const isAskedFor = (event: ShownEvent): boolean =>
      this.filters.matches(event.fields) && isWanted(event);
    for await (const events of past.upTo(upTo, isAskedFor)) {
      yield this.#upToLimit(events);
      if (this.#remaining <= 0) return;
    }
  }

  async #openPast(): Promise<PastEvents | undefined> {
    const { start } = this.query;
    if (start === undefined) return undefined;
    if (start === 'earliest') return this.#read({ kind: 'earliest' });
    // All entries from there on, for a story needs those, too, that are not shown.
    if ('since' in start) {
      return this.#read({ kind: 'since', time: start.since, withEarlier: true });
    }
    return this.#read({ kind: 'after', cursor: start.after });
  }

  #read(start: ReadStart): Promise<PastEvents> {
    const held = heldIn(this.source.namespace, start, this.filters.fullId);
    // Whoever goes by cursors wants to know when something is missing.
    const onGap = this.query.withCursors ? 'fail' : 'continue';
    return PastEvents.open(this.source, { ...held, onGap }, this.signal);
  }

  readonly #isOfThePast = ({ fields: { timeNano } }: ShownEvent): boolean => {
    const { start, until } = this.query;
    if (until !== undefined && timeNano > until) return false;
    return typeof start !== 'object' || !('since' in start) || timeNano >= start.since;
  };

  /** Whoever asks for no past must not take what a recorder told late for what happens now. */
  #isStale({ replayed, fields: { timeNano } }: ShownEvent): boolean {
    return this.query.start === undefined && replayed && timeNano < this.#openedAt;
  }

  #leave(): void {
    this.source.feed.leave(this);
  }

  #takeWindow(): ShownEvent[] {
    const taken = this.#window;
    this.#window = [];
    this.#windowBytes = 0;
    return taken;
  }

  #upToLimit(events: readonly ShownEvent[]): readonly ShownEvent[] {
    const told = events.slice(0, this.#remaining);
    this.#remaining -= told.length;
    return told;
  }

  #startTimer(): () => void {
    const { until, pastOnly } = this.query;
    if (until === undefined || pastOnly) return () => undefined;
    return wakeAt(until, this.source.clock, () => {
      void this.#stopWhereHistoryEnds();
    });
  }

  async #stopWhereHistoryEnds(): Promise<void> {
    const { broker, feed } = this.source;
    try {
      const newest = await broker.newest();
      // One that has left reads on to there by itself.
      await feed.passed(newest);
      this.#stopAt = newest;
    } catch {
      // The history cannot be reached, and nothing more comes from it.
      this.#stopAt = feed.reached;
    }
    this.#leave();
    this.#wake?.();
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      // It may have come while the client was busy.
      if (this.signal.aborted) resolve();
    });
  }
}
