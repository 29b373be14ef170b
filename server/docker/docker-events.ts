import type { Logger } from 'pino';
import { FoghornError } from '../../protocol/errors.js';
import type { Broker } from '../broker/broker.js';
import type { SubscriptionOptions } from '../broker/read-options.js';
import type { Gap } from '../broker/subscription-message.js';
import type { Deriver, DerivedViewType, IndexKey, Opening } from '../broker/view-type.js';
import type { EventView } from '../events/event-view.js';
import { parseFilters, type FilterSet } from '../filter/index.js';
import { RateLimit } from '../log/rate-limit.js';
import { describedIn } from './described-container.js';
import { ContainerDescription, idOf, type DockerNews } from './docker-news.js';
import type { EventFilters } from './event-filters.js';
import { gapNote } from './gap-note.js';
import { ShownEvent } from './shown-event.js';
import { TranslationCache } from './translation-cache.js';
import { Translator } from './translator.js';

/** Views of a namespace's entries as Docker events. */
export class DockerEvents implements DerivedViewType<DockerNews, EventFilters> {
  readonly source: FilterSet;
  readonly #cache: TranslationCache;
  readonly #gaps = new RateLimit();

  constructor(
    broker: Broker,
    private readonly namespace: string,
    private readonly log: Logger,
  ) {
    this.#cache = new TranslationCache(broker);
    this.source = parseFilters([`namespace==${JSON.stringify(namespace)}`]);
  }

  matches(filters: EventFilters, view: DockerNews): boolean {
    return view instanceof ShownEvent
      ? filters.matches(view.fields)
      : filters.includesDescriptions === true;
  }

  indexKeys({ prefixes, label }: EventFilters): IndexKey<DockerNews>[] | undefined {
    if (prefixes !== undefined) return prefixes.flatMap(prefixKeys);
    return label === undefined ? undefined : [attributeKey(label.name, label.value)];
  }

  namespaceOf(): string {
    return this.namespace;
  }

  namedNamespaces(): readonly string[] {
    return [this.namespace];
  }

  mayMeetTwice({ prefixes }: EventFilters): boolean {
    return prefixes !== undefined;
  }

  /** dockerd compares `since` and `until` with past events only. */
  timeRule(
    { start, until }: SubscriptionOptions<EventFilters>,
    { last, time }: Opening,
  ): (view: DockerNews) => boolean {
    const since = start.kind === 'since' ? start.time : undefined;
    return (view) => {
      if (!(view instanceof ShownEvent)) return true;
      const { timeNano } = view.fields;
      if (view.offset > last) {
        if (start.kind !== 'now' || start.past === undefined || timeNano >= time) return true;
        // A client that asks for no past must not mistake an event that was recorded late for a
        // current one.
        return !view.replayed && view.offset > start.past.offset;
      }
      if (until !== undefined && timeNano > until) return false;
      return since === undefined || timeNano >= since;
    };
  }

  /** Subscriptions name their scope in their options. */
  scopeOf(): undefined {
    return undefined;
  }

  wantsOnlyLasting(): boolean {
    return false;
  }

  openReader(filters: EventFilters): Promise<Deriver<DockerNews>> {
    return this.#open((action) => filters.mayPass('container', action), false);
  }

  openLive(): Promise<Deriver<DockerNews>> {
    return this.#open(() => true, true);
  }

  /** A reader, or the derivation of live events, meets a gap. */
  onGap(gap: Gap): void {
    this.#gaps.pass((leftOut) => {
      this.log.warn(leftOut, gapNote(gap));
    });
  }

  onFailure(error: unknown): void {
    if (error instanceof FoghornError && error.retryable) {
      this.log.warn(`docker: live events end here: ${error.message}`);
    } else this.log.error({ err: error }, 'docker: live events end here');
  }

  async #open(wants: (action: string) => boolean, isLive: boolean): Promise<Deriver<DockerNews>> {
    const { namespace } = this;
    const translator = await Translator.create(this.#cache, namespace, { wants, isLive });
    return {
      next(entry) {
        if (entry.namespace !== namespace) return undefined;
        const event = translator.next(entry);
        if (event instanceof Promise) return event.then((shown) => shown ?? describedBy(entry));
        return event ?? describedBy(entry);
      },
    };
  }
}

function describedBy(entry: EventView): ContainerDescription | undefined {
  const description = entry.isLifecycle ? describedIn(entry) : undefined;
  return description && new ContainerDescription(description, entry);
}

/** Longest part of a prefix that is indexed, which bounds the lookups for each event. */
const MAX_INDEXED_LENGTH = 128;

/** Events whose id, or whose name, begins with a prefix; with a long one, perhaps some others. */
function prefixKeys(given: string): IndexKey<DockerNews>[] {
  const prefix = given.slice(0, MAX_INDEXED_LENGTH);
  const { length } = prefix;
  const beginning = (text: string | undefined): string | undefined => text?.slice(0, length);
  return [
    { table: `id ${length}`, value: prefix, valueIn: (view) => beginning(idOf(view)) },
    {
      table: `name ${length}`,
      value: prefix,
      valueIn: (view) => beginning(attributeOf(view, 'name')),
    },
  ];
}

function attributeKey(name: string, value: string): IndexKey<DockerNews> {
  return { table: `attribute ${name}`, value, valueIn: (view) => attributeOf(view, name) };
}

function attributeOf(view: DockerNews, name: string): string | undefined {
  return view instanceof ShownEvent ? view.fields.attributes.get(name) : undefined;
}
