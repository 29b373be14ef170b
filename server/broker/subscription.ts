import type { NamespaceSet } from '../access/namespace-set.js';
import type { Position } from '../events/cursor.js';
import { AdmittedReads } from './admitted-reads.js';
import type { Stop } from '../history/store.js';
import type { Delivery, LiveSubscriber } from './delivery.js';
import { Ending } from './ending.js';
import { gradualMatching, type GradualMatching } from './gradual-matching.js';
import { HistoryReader, type Found, type ReadableHistory } from './history-reader.js';
import { notRecorded } from './gap.js';
import { iterate, type MessageSource } from './message-source.js';
import { positionOf } from './position.js';
import { ProgressReports } from './progress-reports.js';
import type { ContainerScope, SubscriptionOptions } from './read-options.js';
import { selectViews } from './select-views.js';
import { SelectionSlices } from './selection-slices.js';
import { beginAt, type Start } from './start.js';
import type { SubscriptionMessage } from './subscription-message.js';
import { ENDED, Live, Reading, type SubscriptionState } from './subscription-state.js';
import type { DeliveredView } from './view-type.js';
import type { VisibleViews } from './visible-views.js';
import { Window } from './window.js';

/**
 * One reader's position in the history. It reads the store at its reader's pace until it has caught
 * up; then the delivery feeds it through a window, and it reads again when that is full. Neither
 * change skips or repeats a view.
 */
export class Subscription<View extends DeliveredView, Filter>
  implements LiveSubscriber<View, Filter>, MessageSource<SubscriptionMessage<View>>
{
  readonly filter: Filter;
  readonly container: ContainerScope['key'] | undefined;
  readonly gradual: GradualMatching<View> | undefined;
  onReady = (): void => {};
  onEvicted: (() => void) | undefined = undefined;
  onDelivered: ((views: readonly View[]) => void) | undefined = undefined;
  #state: SubscriptionState<View>;
  /** Delivered before the views in the window. */
  #next: SubscriptionMessage<View> | undefined;
  readonly #window = new Window<View>();
  readonly #reads: AdmittedReads;
  readonly #ending: Ending;
  readonly #progress = new ProgressReports();
  #whenClosed: readonly Stop[] = [];

  /** @param isAttached whether it has attached the delivery, and so is to detach it */
  constructor(
    private readonly history: ReadableHistory,
    private readonly delivery: Delivery<View, Filter>,
    private readonly options: SubscriptionOptions<Filter>,
    readonly visible: VisibleViews<View, Filter>,
    start: Start,
    private readonly isAttached: boolean,
  ) {
    this.filter = options.filter;
    this.container = options.scope?.key;
    this.gradual = gradualMatching(delivery.type, options.filter, history.liveMatching);
    this.#reads = new AdmittedReads(history.memory, this.#isOver, () => this.onEvicted?.());
    this.#ending = new Ending(options.limit, options.onGap);
    this.#next = start.gap;
    const reading = (this.#state = this.#startReading(start));
    // At once, because a reader from now on must not miss what happens before its first take.
    if (isAttached) this.#joinIfCaughtUp(reading);
  }

  get readable(): NamespaceSet | undefined {
    return this.visible.readable;
  }

  get closed(): boolean {
    return this.#state.kind === 'ended';
  }

  dispatched(offset: number): Promise<void> {
    return this.delivery.passed(offset);
  }

  /** Everything up to here was considered; what passed is delivered, or waits to be taken. */
  get position(): Position {
    const state = this.#state;
    if (state.kind === 'reading') {
      // Before the first entry, no cursor would make a resume deliver the remaining kept exits.
      return state.reader.inKeptExits ? { offset: 0, cursor: '' } : state.considered;
    }
    const { position } = this.delivery;
    const isPassed = state.kind === 'ended' || position.offset >= state.joinedAfter.offset;
    return isPassed ? position : state.joinedAfter;
  }

  get isLive(): boolean {
    return this.#state.kind === 'live';
  }

  get isDrained(): boolean {
    return this.isLive && this.#next === undefined && this.#window.length === 0;
  }

  close(): void {
    if (this.closed) return;
    this.#finish();
    this.onReady();
  }

  #finish(): void {
    this.#leaveState();
    this.#state = ENDED;
    this.#reads.release();
    if (this.isAttached) this.delivery.detach();
    for (const stop of this.#whenClosed) stop();
  }

  whenClosed(callback: Stop): void {
    if (this.closed) callback();
    else this.#whenClosed = [...this.#whenClosed, callback];
  }

  /** Ends the subscription once everything up to a position was delivered. */
  stopAfter(position: Position): void {
    this.#ending.stopAfter(position);
    // Derived views are dispatched later than the entries that they are derived from.
    if (this.#state.kind === 'live' && this.position.offset < position.offset) {
      this.fallBehind(this.position);
    }
    this.wake();
  }

  /** Applies other rights to everything that its reader has not taken yet. */
  restrict(readable: NamespaceSet): void {
    if (this.#state.kind === 'live') this.fallBehind(positionOf(this.position));
    this.visible.restrict(readable);
    this.#window.keep((view) => this.visible.has(view));
    if (this.#next?.kind === 'entries') this.#next = this.visible.only(this.#next);
    this.wake();
  }

  offer(view: View): void {
    const state = this.#state;
    // The subscription may have read the view from the store before it was dispatched.
    if (state.kind !== 'live' || view.offset <= state.joinedAfter.offset) return;
    if (this.#ending.isBeyondStop(view.offset) || !this.visible.has(view)) return;
    const window = this.#window;
    window.push(view, view.wireBytes, this.position);
    if (window.length === 1 || window.isLarge) this.delivery.wakeSoon(this);
    if (window.isFull) this.fallBehind(view);
  }

  postpone(): void {
    this.fallBehind(positionOf(this.position));
    this.delivery.wakeSoon(this);
  }

  wake(): void {
    this.onReady();
    // A reader that is stuck reads large views from the store later, so that none is held for it.
    const before = this.closed ? undefined : this.#window.giveBack();
    if (before !== undefined) this.fallBehind(positionOf(before));
  }

  tick(): void {
    this.#progress.request();
    this.wake();
  }

  fallBehind(position: Position): void {
    this.#leaveState();
    this.#state = this.#startReading(beginAt(position));
  }

  cut(): void {
    if (this.#state.kind === 'live') this.#state.isCut = true;
    this.wake();
  }

  /** Throws when the store cannot be read. */
  take(): SubscriptionMessage<View> | undefined {
    const state = this.#state;
    if (state.kind === 'ended') return undefined;
    if (state.kind === 'reading' && state.isBusy) return undefined;
    if (state.kind === 'reading' && state.failure !== undefined) {
      this.#finish();
      throw state.failure.error;
    }
    const message = this.visible.pace.mustWait(this) ? undefined : this.#takeNext(state);
    this.visible.pace.count(message);
    if (message?.kind === 'entries') this.onDelivered?.(message.entries);
    else if (message?.kind === 'end') this.#finish();
    return message;
  }

  [Symbol.asyncIterator](): AsyncIterator<SubscriptionMessage<View>> {
    return iterate(this);
  }

  #takeNext(state: Reading<View> | Live): SubscriptionMessage<View> | undefined {
    const next = this.#next;
    if (next !== undefined) {
      this.#next = undefined;
      return next;
    }
    this.#reads.release();
    const remaining = Math.min(this.#ending.remaining, this.#window.length);
    if (remaining > 0) return this.#entries(this.#window.take(remaining), false);
    const isLive = state.kind === 'live';
    const isDraining = isLive ? state.isCut : this.delivery.isDraining;
    const end = this.#ending.next(this.position, isLive, isDraining);
    if (end !== undefined) return end;
    if (this.#progress.take()) return { kind: 'progress', cursor: this.position.cursor };
    if (!isLive) {
      void this.#readOn(state);
      return undefined;
    }
    if (state.hasReportedCaughtUp) return undefined;
    state.hasReportedCaughtUp = true;
    return { kind: 'caught up', cursor: this.position.cursor };
  }

  #entries(entries: readonly View[], keptExits: boolean): SubscriptionMessage<View> {
    this.#ending.countDelivered(entries.length, keptExits ? '' : (entries.at(-1)?.cursor ?? ''));
    this.#progress.reset();
    return { kind: 'entries', entries, keptExits };
  }

  /** Reads the next entries of the store, and joins the delivery when it has considered as many. */
  async #readOn(state: Reading<View>): Promise<void> {
    state.isBusy = true;
    try {
      const starting = this.isAttached ? this.delivery.restart() : undefined;
      if (starting !== undefined) await starting;
      const found = await this.#reads.read(state.reader, state.considered);
      if (found !== undefined) await this.#receive(state, found);
    } catch (error) {
      state.failure = { error };
    }
    state.isBusy = false;
    this.onReady();
  }

  async #receive(state: Reading<View>, found: Found): Promise<void> {
    if (found.kind === 'gap') {
      state.considered = found.position;
      this.#next = found.gap;
      this.#ending.meetGap(found.gap);
    } else await this.#consider(state, found);
    if (!this.closed) this.#joinIfCaughtUp(state);
  }

  async #consider(
    state: Reading<View>,
    { block, keptExits }: Found & { kind: 'entries' },
  ): Promise<void> {
    const { views, newest } = block;
    // The entries of one container end before the history does.
    const isAtEnd = views.length === 0 && newest.offset > state.considered.offset;
    if (isAtEnd) state.considered = positionOf(newest);
    const deriver = (state.deriver ??= await this.delivery.type.openReader(this.filter));
    const slices = new SelectionSlices(this.history.schedule, this.#isOver);
    const { wanted, last, isAtSpan } = await selectViews(views, deriver, {
      passes: (view) => this.#passes(view, slices),
      isMissedSpan: (view) =>
        !this.#ending.isBeyondStop(view.offset) && this.visible.isMissedSpan(view),
      slices,
      atMost: this.#ending.remaining,
    });
    if (last === undefined) return;
    if (!keptExits) {
      this.#progress.count(views.length);
      if (isAtSpan) this.#next = notRecorded(state.considered.cursor, last.cursor);
      // A copy, because a view keeps the buffer that it shares with other entries in memory.
      state.considered = positionOf(last);
    } else if (last !== views.at(-1)) state.reader.returnToKeptExit(last.offset);
    if (wanted.length > 0) this.#next = this.#entries(block.share(wanted), keptExits);
  }

  readonly #isOver = (): boolean => this.closed || this.delivery.isDraining;

  #passes(view: View, slices: SelectionSlices): boolean | Promise<boolean> {
    if (this.#ending.isBeyondStop(view.offset) || !this.visible.has(view)) return false;
    if (this.gradual !== undefined) return this.gradual.matchInSlices(view, slices);
    return this.delivery.type.matches(this.filter, view);
  }

  #startReading(start: Start): Reading<View> {
    const scope = this.options.scope ?? this.delivery.type.scopeOf(this.filter);
    this.history.reads.enter();
    return new Reading(new HistoryReader(this.history, scope, start), start.position);
  }

  #joinIfCaughtUp({ reader, considered }: Reading<View>): void {
    if (!this.isAttached || this.#ending.hasStopPosition || reader.inKeptExits) return;
    if (!this.delivery.canJoin(considered.offset)) return;
    this.#leaveState();
    this.#state = new Live(considered);
    this.delivery.join(this);
  }

  #leaveState(): void {
    if (this.#state.kind === 'reading') this.history.reads.leave();
    else this.delivery.leave(this);
  }
}
