import type { EventView } from '../events/event-view.js';
import { Operator, type Filter, type FilterSet } from '../filter/index.js';
import type { ContainerKey } from '../history/store.js';

/** One who wants some of the events. */
export interface Subscriber {
  readonly filter: FilterSet;
  /** Only what is about this container. */
  readonly container: ContainerKey | undefined;
  /** Takes an event that passed the filter. */
  offer(event: EventView): void;
}

/** The subscribers that want one thing of an event to have a certain value, by that value. */
interface Table {
  readonly valueIn: (event: EventView) => string | undefined;
  readonly byValue: Map<string, Bucket>;
}

/** Most values are wanted by one alone, and a set of one is larger than all else that is kept of it here. */
type Bucket = Subscriber | Set<Subscriber>;

/**
 * Finds the subscribers of an event without asking all of them. A filter with an equality selector is filed under
 * that field and value, so only an event with this value reaches it; what cannot be filed is asked about every event.
 * The filter itself is always evaluated: the index only spares the evaluations that would be false.
 */
export class SubscriptionIndex {
  readonly #tables = new Map<string, Table>();
  readonly #unfiled = new Set<Subscriber>();

  add(subscriber: Subscriber): void {
    const places = placesOf(subscriber);
    if (places === undefined) this.#unfiled.add(subscriber);
    else for (const place of places) this.#file(subscriber, place);
  }

  remove(subscriber: Subscriber): void {
    this.#unfiled.delete(subscriber);
    for (const { table: name, value } of placesOf(subscriber) ?? []) {
      const table = this.#tables.get(name);
      const bucket = table?.byValue.get(value);
      if (bucket instanceof Set) bucket.delete(subscriber);
      if (bucket === subscriber || (bucket instanceof Set && bucket.size === 0)) {
        table?.byValue.delete(value);
      }
      if (table?.byValue.size === 0) this.#tables.delete(name);
    }
  }

  /** Offers the event to every subscriber whose filter it passes, once. */
  dispatch(event: EventView): void {
    const asked = new Asked();
    for (const { valueIn, byValue } of this.#tables.values()) {
      const value = valueIn(event);
      const bucket = value === undefined ? undefined : byValue.get(value);
      if (bucket === undefined) continue;
      if (!(bucket instanceof Set)) asked.offerOnce(bucket, event);
      else for (const subscriber of bucket) asked.offerOnce(subscriber, event);
    }
    for (const subscriber of this.#unfiled) offerIfWanted(subscriber, event);
  }

  #file(subscriber: Subscriber, { table: name, valueIn, value }: Place): void {
    let table = this.#tables.get(name);
    if (table === undefined) this.#tables.set(name, (table = { valueIn, byValue: new Map() }));
    const bucket = table.byValue.get(value);
    if (bucket === undefined) table.byValue.set(value, subscriber);
    else if (bucket instanceof Set) bucket.add(subscriber);
    else if (bucket !== subscriber) table.byValue.set(value, new Set([bucket, subscriber]));
  }
}

/** Of one event: only a subscriber with several filters can be met again in another bucket. */
class Asked {
  #several: Set<Subscriber> | undefined;

  offerOnce(subscriber: Subscriber, event: EventView): void {
    if (subscriber.filter.filters.length > 1) {
      if (this.#several?.has(subscriber)) return;
      (this.#several ??= new Set()).add(subscriber);
    }
    offerIfWanted(subscriber, event);
  }
}

function offerIfWanted(subscriber: Subscriber, event: EventView): void {
  if (subscriber.filter.matches(event.field)) subscriber.offer(event);
}

interface Place {
  readonly table: string;
  readonly valueIn: (event: EventView) => string | undefined;
  readonly value: string;
}

/** Where a subscriber is filed: one place for each filter, or undefined if any of them has none. */
function placesOf({ filter: { filters }, container }: Subscriber): Place[] | undefined {
  if (container !== undefined) return [containerPlace(container)];
  if (filters.length === 0) return undefined;
  const places: Place[] = [];
  for (const filter of filters) {
    const place = fieldPlace(filter);
    if (place === undefined) return undefined;
    places.push(place);
  }
  return places;
}

/** With a NUL between the two, which neither of an event's has. */
function containerPlace({ namespace, container }: ContainerKey): Place {
  const valueIn = (event: EventView): string | undefined => {
    const id = event.container;
    return id === undefined ? undefined : `${event.namespace}\0${id}`;
  };
  return { table: 'container', valueIn, value: `${namespace}\0${container}` };
}

/** The most telling equality: a field of the payload before the topic, and the topic before the namespace. */
function fieldPlace({ selectors }: Filter): Place | undefined {
  let best: { path: readonly string[]; value: string } | undefined;
  for (const selector of selectors) {
    // An equality with the empty string is never true, and one that no text can equal is neither.
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
