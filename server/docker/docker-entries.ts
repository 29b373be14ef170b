import { encodeDockerEvent } from '../../protocol/wire/entry.js';
import type { Broker } from '../broker/broker.js';
import type { SubscriptionOptions } from '../broker/read-options.js';
import type { Deriver, DerivedViewType, IndexKey, Opening } from '../broker/view-type.js';
import type { EventView } from '../events/event-view.js';
import type { ContainerKey } from '../events/filing.js';
import { parseFilters, type FilterSet } from '../filter/index.js';
import { ByteCache } from './byte-cache.js';
import type { Projected } from './container-projection.js';
import { ShownEvent } from './shown-event.js';
import { TranslationCache } from './translation-cache.js';
import { Translator } from './translator.js';

/** Translators that one reader keeps, one for each namespace, and the approximate bytes of one. */
const TRANSLATOR_BYTES = 64 * 1024;
const ONE_TRANSLATOR = 1024;

/** An entry with its Docker event, if it has one. */
export class DockerEntry {
  /** The encoded docker_event field. */
  #field: Uint8Array | undefined;

  constructor(
    readonly entry: EventView,
    private readonly event: ShownEvent | undefined,
  ) {}

  get offset(): number {
    return this.entry.offset;
  }

  get cursor(): string {
    return this.entry.cursor;
  }

  /**
   * Length of the encoded foghorn.v1.Entry. A long label makes it large, because it is part of all
   * events of its container.
   */
  get wireBytes(): number {
    return this.entry.wireBytes + this.#encodedEvent().length;
  }

  writeWire(into: Uint8Array, at: number): void {
    this.entry.writeWire(into, at);
    into.set(this.#encodedEvent(), at + this.entry.wireBytes);
  }

  #encodedEvent(): Uint8Array {
    this.#field ??=
      this.event === undefined ? NOTHING : encodeDockerEvent(this.event.jsonWithOwnId());
    return this.#field;
  }
}

const NOTHING = new Uint8Array(0);

/** Views of all entries, of all namespaces, with their Docker events. */
export class DockerEntries implements DerivedViewType<DockerEntry, FilterSet> {
  readonly source = parseFilters([]);

  readonly #cache: TranslationCache;

  constructor(private readonly broker: Broker) {
    this.#cache = new TranslationCache(broker);
  }

  matches(filter: FilterSet, { entry }: DockerEntry): boolean {
    return filter.matches(entry.field);
  }

  indexKeys(
    filter: FilterSet,
    container: ContainerKey | undefined,
  ): IndexKey<DockerEntry>[] | undefined {
    const keys = this.broker.entryViews.indexKeys(filter, container);
    return keys?.map(({ table, value, valueIn }) => ({
      table,
      value,
      valueIn: ({ entry }) => valueIn(entry),
    }));
  }

  namespaceOf({ entry }: DockerEntry): string {
    return entry.namespace;
  }

  namedNamespaces(filter: FilterSet): readonly string[] {
    return this.broker.entryViews.namedNamespaces(filter);
  }

  mayMeetTwice(filter: FilterSet): boolean {
    return this.broker.entryViews.mayMeetTwice(filter);
  }

  timeRule(
    options: SubscriptionOptions,
    opening: Opening,
  ): ((view: DockerEntry) => boolean) | undefined {
    const rule = this.broker.entryViews.timeRule(options, opening);
    return rule && (({ entry }) => rule(entry));
  }

  scopeOf(filter: FilterSet): ReturnType<DerivedViewType<DockerEntry, FilterSet>['scopeOf']> {
    return this.broker.entryViews.scopeOf(filter);
  }

  wantsOnlyLasting(filter: FilterSet): boolean {
    return this.broker.entryViews.wantsOnlyLasting(filter);
  }

  openReader(filter: FilterSet): Deriver<DockerEntry> {
    return new EntryDeriver(this.#cache, filter, false);
  }

  openLive(): Promise<Deriver<DockerEntry>> {
    return Promise.resolve(new EntryDeriver(this.#cache, this.source, true));
  }

  onGap(): void {
    // Each reader receives its own gap.
  }

  onFailure(): void {
    // The readers' streams end, and clients resume with their cursors.
  }
}

/** Derives the Docker events of the entries that pass a filter, in the order of history. */
class EntryDeriver implements Deriver<DockerEntry> {
  readonly #translators = new ByteCache<string, Translator>(TRANSLATOR_BYTES);
  #newest = 0;
  /** From this offset on, no entry was left out. Offsets have no holes. */
  #completeFrom = 0;

  constructor(
    private readonly cache: TranslationCache,
    /** Only entries that pass get a view. */
    private readonly filter: FilterSet,
    private readonly isLive: boolean,
  ) {}

  next(entry: EventView): DockerEntry | undefined | Promise<DockerEntry> {
    if (!this.filter.matches(entry.field)) return undefined;
    const { offset, namespace } = entry;
    if (offset !== this.#newest + 1) this.#completeFrom = offset;
    this.#newest = offset;
    const translator = this.#translators.get(namespace);
    if (translator === undefined) return this.#begin(entry, this.#completeFrom);
    const event = translator.next(entry, this.#completeFrom);
    return event instanceof Promise
      ? afterPause(entry, event)
      : new DockerEntry(entry, eventIn(event));
  }

  async #begin(entry: EventView, completeFrom: number): Promise<DockerEntry> {
    const { namespace } = entry;
    const options = { wants: () => true, isLive: this.isLive };
    const translator = await Translator.create(this.cache, namespace, options);
    this.#translators.set(namespace, translator, ONE_TRANSLATOR);
    return new DockerEntry(entry, eventIn(await translator.next(entry, completeFrom)));
  }
}

/**
 * An embedded store answers at once, so a reader that leaves out many entries would block the event
 * loop.
 */
async function afterPause(
  entry: EventView,
  event: Promise<Projected | undefined>,
): Promise<DockerEntry> {
  const shown = eventIn(await event);
  await new Promise(setImmediate);
  return new DockerEntry(entry, shown);
}

function eventIn(projected: Projected | undefined): ShownEvent | undefined {
  return projected instanceof ShownEvent ? projected : undefined;
}
