import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet, GradualMatch } from '../filter/index.js';
import type { ContainerKey, Scope } from '../events/filing.js';
import type { SubscriptionOptions } from './read-options.js';
import type { Gap } from './subscription-message.js';

/** A view of the history that subscriptions deliver. */
export interface DeliveredView extends Position {
  /** Bytes that it counts for in a window. */
  readonly wireBytes: number;
}

/**
 * A key that files subscribers under one value of a view, so that only views with this value reach
 * them.
 */
export interface IndexKey<View> {
  /** Equal for keys that read the same value of a view. */
  readonly table: string;
  readonly valueIn: (view: View) => string | undefined;
  readonly value: string;
}

/** When a subscription was opened. */
export interface Opening {
  /** Offset of the newest entry then. */
  readonly last: number;
  /** ns since 1970. */
  readonly time: bigint;
}

/** Derives views from entries, which it gets in the order of history. */
export interface Deriver<View> {
  /** The view of the entry, or undefined if it has none. A promise only if deriving has to wait. */
  next(entry: EventView): View | undefined | Promise<View | undefined>;
}

/** Matches of a costly filter, which can be interrupted. */
export interface GradualMatches<View> {
  /** The beginning of the filter, for the log. */
  readonly text: string;
  /** Begins a match, and forgets the one before. */
  begin(view: View): GradualMatch;
}

/**
 * How the history is shown: as entries, or as something that is derived from them. Stateless,
 * shared by all subscriptions.
 */
export interface ViewType<View extends DeliveredView, Filter> {
  matches(filter: Filter, view: View): boolean;
  /** Matches a filter under a budget; undefined where the filter is always fast. */
  gradualMatches?(filter: Filter): GradualMatches<View> | undefined;
  /** Keys of which every view that matches has one; undefined if there are none. */
  indexKeys(
    filter: Filter,
    container: ContainerKey | undefined,
  ): readonly IndexKey<View>[] | undefined;
  /** The namespace that the view's entry is in. */
  namespaceOf(view: View): string;
  /** The namespaces that the filter names: a reader must be allowed to read each of them. */
  namedNamespaces(filter: Filter): readonly string[];
  /** Whether one view may have the values of several of the filter's keys. */
  mayMeetTwice(filter: Filter): boolean;
  /** Whether a view is in the time that is asked for; undefined if all are. */
  timeRule(
    options: SubscriptionOptions<Filter>,
    opening: Opening,
  ): ((view: View) => boolean) | undefined;
  /** A scope that contains the entries of all views that can match; undefined if there is none. */
  scopeOf(filter: Filter): Scope | undefined;
  /**
   * Finds the views that stand for spans in which a recorder may have missed views that match.
   * Undefined where the filter passes those views, or reads the entries of one container alone.
   */
  missedSpans?(filter: Filter): ((view: View) => boolean) | undefined;
  /** Whether only lasting entries have views that match. */
  wantsOnlyLasting(filter: Filter): boolean;
  /**
   * Derives views for one subscription that reads the store. It may leave out those that do not
   * match.
   */
  openReader(filter: Filter): Deriver<View> | Promise<Deriver<View>>;
}

/** A type of views that are derived once for all live subscriptions. */
export interface DerivedViewType<View extends DeliveredView, Filter> extends ViewType<
  View,
  Filter
> {
  /** The filter of the entries that views are derived from. */
  readonly source: FilterSet;
  /** Derives the views of all entries from now on. */
  openLive(): Promise<Deriver<View>>;
  /** Called when live subscriptions have missed entries, and go back to reading the store. */
  onGap(gap: Gap): void;
  /** Called when the history cannot be followed any more, and live subscriptions end. */
  onFailure(error: unknown): void;
}
