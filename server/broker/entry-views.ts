import type { PayloadTypes } from '../../protocol/payload-types.js';
import type { EventView } from '../events/event-view.js';
import { FILED_TYPES } from '../events/filed-types.js';
import { GradualMatch, Operator, type Filter, type FilterSet } from '../filter/index.js';
import { entryTime } from '../history/entry-time.js';
import type { ContainerKey, Scope } from '../events/filing.js';
import { containerOfFilter, namedNamespaces, wantsOnlyLasting } from './filter-facts.js';
import { missedSpansOf } from './missed-spans.js';
import type { SubscriptionOptions } from './read-options.js';
import type { Deriver, GradualMatches, IndexKey, Opening, ViewType } from './view-type.js';

/** Shows the history as entries. */
export class EntryViews implements ViewType<EventView, FilterSet> {
  /** Whether all events with an `event.container_id` are filed under it. */
  readonly #containersAreFiled: boolean;

  constructor(types: PayloadTypes) {
    // Events of users' types are not filed, so the scope would miss those that have such a field.
    this.#containersAreFiled = types
      .withField('container_id')
      .every((name) => FILED_TYPES.has(name));
  }

  matches({ filters, matches }: FilterSet, view: EventView): boolean {
    // Without a filter, a view need not make its lookup.
    return filters.length === 0 || matches(view.field);
  }

  gradualMatches(set: FilterSet): GradualMatches<EventView> | undefined {
    if (set.costly === undefined) return undefined;
    const match = new GradualMatch(set);
    return { text: set.costly.text, begin: ({ field }) => match.begin(field) };
  }

  indexKeys(
    { filters }: FilterSet,
    container: ContainerKey | undefined,
  ): IndexKey<EventView>[] | undefined {
    if (container !== undefined) return [containerIndexKey(container)];
    if (filters.length === 0) return undefined;
    const keys: IndexKey<EventView>[] = [];
    for (const filter of filters) {
      const key = fieldIndexKey(filter);
      if (key === undefined) return undefined;
      keys.push(key);
    }
    return keys;
  }

  namespaceOf({ namespace }: EventView): string {
    return namespace;
  }

  namedNamespaces(filter: FilterSet): readonly string[] {
    return namedNamespaces(filter);
  }

  mayMeetTwice({ filters }: FilterSet): boolean {
    return filters.length > 1;
  }

  timeRule(
    { start, until }: SubscriptionOptions,
    { last }: Opening,
  ): ((view: EventView) => boolean) | undefined {
    const since = start.kind === 'since' ? start.time : undefined;
    if (since === undefined && until === undefined) return undefined;
    return ({ offset, timestamp, storedAt }) => {
      if (until !== undefined && timestamp > until) return false;
      return since === undefined || offset > last || entryTime(timestamp, storedAt) >= since;
    };
  }

  scopeOf(filter: FilterSet): Scope | undefined {
    const key = this.#containersAreFiled ? containerOfFilter(filter) : undefined;
    return key && { key, lifecycleOnly: false };
  }

  missedSpans(filter: FilterSet): ((view: EventView) => boolean) | undefined {
    const passesAll = filter.filters.length === 0;
    return passesAll || this.scopeOf(filter) !== undefined ? undefined : missedSpansOf(filter);
  }

  wantsOnlyLasting(filter: FilterSet): boolean {
    return wantsOnlyLasting(filter);
  }

  openReader(): Deriver<EventView> {
    return SAME;
  }
}

const SAME: Deriver<EventView> = { next: (entry) => entry };

/** A NUL separates the two, because neither can contain one. */
function containerIndexKey({ namespace, container }: ContainerKey): IndexKey<EventView> {
  const valueIn = (event: EventView): string | undefined => {
    const id = event.container;
    return id === undefined ? undefined : `${event.namespace}\0${id}`;
  };
  return { table: 'container', valueIn, value: `${namespace}\0${container}` };
}

/**
 * The most selective equality: a field of the payload before the topic, and the topic before the
 * namespace.
 */
function fieldIndexKey({ selectors }: Filter): IndexKey<EventView> | undefined {
  let best: { path: readonly string[]; value: string } | undefined;
  for (const selector of selectors) {
    // No field equals the empty string, or bytes that are no text.
    if (selector.operator !== Operator.equal || !selector.value) continue;
    const { path, value } = selector;
    if (best === undefined || rank(path) > rank(best.path)) best = { path, value };
  }
  if (best === undefined) return undefined;
  const { path, value } = best;
  return { table: `field ${JSON.stringify(path)}`, valueIn: (event) => event.field(path), value };
}

function rank([first]: readonly string[]): number {
  if (first === 'event') return 2;
  return first === 'topic' ? 1 : 0;
}
