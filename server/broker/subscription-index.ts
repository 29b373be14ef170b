import type { NamespaceSet } from '../access/namespace-set.js';
import type { ContainerKey } from '../events/filing.js';
import type { GradualMatching } from './gradual-matching.js';
import type { DeliveredView, IndexKey, ViewType } from './view-type.js';

/** Wants some of the views. */
export interface Subscriber<View, Filter> {
  readonly filter: Filter;
  /** The namespaces that its reader may read; undefined for all. */
  readonly readable: NamespaceSet | undefined;
  /** Restricts it to one container. */
  readonly container: ContainerKey | undefined;
  /** Takes a view that passed the filter. */
  offer(view: View): void;
  /** Matches views if the filter needs a budget. */
  readonly gradual: Pick<GradualMatching<View>, 'matchLive'> | undefined;
  /** Called when the budget does not suffice for the next view: it is to be read later. */
  postpone(): void;
}

type IndexedType<View extends DeliveredView, Filter> = Pick<
  ViewType<View, Filter>,
  'matches' | 'indexKeys' | 'namespaceOf' | 'mayMeetTwice'
>;

/** The subscribers that are filed under one value of a view, by that value. */
interface Table<View, Filter> {
  readonly valueIn: (view: View) => string | undefined;
  readonly byValue: Map<string, Bucket<View, Filter>>;
}

/**
 * Most values have a single subscriber, and a set would take more memory than the rest of its index
 * entry.
 */
type Bucket<View, Filter> = Subscriber<View, Filter> | Set<Subscriber<View, Filter>>;

/**
 * Finds the subscribers of a view without asking all of them. A subscriber that has index keys is
 * filed under them and asked only about views with one of the values; the others are asked about
 * every view. The filter itself is always evaluated: the index spares the evaluations that would be
 * false.
 */
export class SubscriptionIndex<View extends DeliveredView, Filter> {
  readonly #tables = new Map<string, Table<View, Filter>>();
  readonly #unfiled = new Set<Subscriber<View, Filter>>();

  constructor(private readonly type: IndexedType<View, Filter>) {}

  add(subscriber: Subscriber<View, Filter>): void {
    const keys = this.#keysOf(subscriber);
    if (keys === undefined) this.#unfiled.add(subscriber);
    else for (const key of keys) this.#file(subscriber, key);
  }

  remove(subscriber: Subscriber<View, Filter>): void {
    this.#unfiled.delete(subscriber);
    for (const { table: name, value } of this.#keysOf(subscriber) ?? []) {
      const table = this.#tables.get(name);
      const bucket = table?.byValue.get(value);
      if (bucket instanceof Set) bucket.delete(subscriber);
      if (bucket === subscriber || (bucket instanceof Set && bucket.size === 0)) {
        table?.byValue.delete(value);
      }
      if (table?.byValue.size === 0) this.#tables.delete(name);
    }
  }

  /** Offers the view to every subscriber whose filter it passes, once. */
  dispatch(view: View): void {
    const asked = new Asked(this.type, view);
    for (const { valueIn, byValue } of this.#tables.values()) {
      const value = valueIn(view);
      const bucket = value === undefined ? undefined : byValue.get(value);
      if (bucket === undefined) continue;
      if (!(bucket instanceof Set)) asked.offerOnce(bucket);
      else for (const subscriber of bucket) asked.offerOnce(subscriber);
    }
    for (const subscriber of this.#unfiled) asked.offer(subscriber);
  }

  #keysOf({
    filter,
    container,
    readable,
  }: Subscriber<View, Filter>): readonly IndexKey<View>[] | undefined {
    const keys = this.type.indexKeys(filter, container);
    return keys ?? (readable && namespaceKeys(readable, this.type));
  }

  #file(
    subscriber: Subscriber<View, Filter>,
    { table: name, valueIn, value }: IndexKey<View>,
  ): void {
    let table = this.#tables.get(name);
    if (table === undefined) this.#tables.set(name, (table = { valueIn, byValue: new Map() }));
    const bucket = table.byValue.get(value);
    if (bucket === undefined) table.byValue.set(value, subscriber);
    else if (bucket instanceof Set) bucket.add(subscriber);
    else if (bucket !== subscriber) table.byValue.set(value, new Set([bucket, subscriber]));
  }
}

/** The keys of a set of namespaces. A namespace has the value of one of them at most. */
function namespaceKeys<View>(
  { names, prefixes }: NamespaceSet,
  type: { namespaceOf(view: View): string },
): IndexKey<View>[] {
  const namespaceOf = (view: View): string => type.namespaceOf(view);
  const keys: IndexKey<View>[] = [];
  for (const value of names) keys.push({ table: 'namespace', value, valueIn: namespaceOf });
  for (const value of prefixes) {
    const { length } = value;
    const valueIn = (view: View): string => namespaceOf(view).slice(0, length);
    keys.push({ table: `namespace ${length}`, value, valueIn });
  }
  return keys;
}

/**
 * The subscribers that were asked about one view. Only a subscriber with several keys can be in
 * several buckets.
 */
class Asked<View extends DeliveredView, Filter> {
  #several: Set<Subscriber<View, Filter>> | undefined;

  constructor(
    private readonly type: IndexedType<View, Filter>,
    private readonly view: View,
  ) {}

  offerOnce(subscriber: Subscriber<View, Filter>): void {
    if (this.type.mayMeetTwice(subscriber.filter)) {
      if (this.#several?.has(subscriber)) return;
      (this.#several ??= new Set()).add(subscriber);
    }
    this.offer(subscriber);
  }

  offer(subscriber: Subscriber<View, Filter>): void {
    const { gradual } = subscriber;
    if (gradual !== undefined) this.#offerWithinBudget(subscriber, gradual.matchLive(this.view));
    else if (this.type.matches(subscriber.filter, this.view)) subscriber.offer(this.view);
  }

  #offerWithinBudget(subscriber: Subscriber<View, Filter>, passes: boolean | undefined): void {
    if (passes === undefined) subscriber.postpone();
    else if (passes) subscriber.offer(this.view);
  }
}
