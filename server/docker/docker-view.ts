import type { Broker } from '../broker/broker.js';
import type { EventView } from '../events/event-view.js';
import { LruCache } from './lru-cache.js';
import type { ShownEvent } from './shown-event.js';
import { Translator } from './translator.js';

/** Namespaces that one reading keeps at hand; one that is needed again begins with its history again. */
const NAMESPACES = 64;

/**
 * Says what Docker clients see of the entries that one reader gets, in the order of history, of whatever namespaces, and
 * whichever of them its filters have left out.
 */
export class DockerView {
  readonly #translators = new LruCache<string, Translator>(NAMESPACES);
  #newest = 0;
  /** From here on it got every entry; offsets have no holes. */
  #completeFrom = 0;

  constructor(private readonly broker: Broker) {}

  /** What is shown of the next entry, if anything. */
  async next(view: EventView): Promise<ShownEvent | undefined> {
    const { offset, namespace } = view;
    if (offset !== this.#newest + 1) this.#completeFrom = offset;
    this.#newest = offset;
    const translator = this.#translators.get(namespace) ?? (await this.#begin(namespace));
    const next = translator.next(view, this.#completeFrom);
    if (!(next instanceof Promise)) return next;
    const event = await next;
    // Reads of an embedded store never wait, so without this one reader who leaves much out would stop everybody else.
    await new Promise(setImmediate);
    return event;
  }

  async #begin(namespace: string): Promise<Translator> {
    const translator = await Translator.create(this.broker, namespace);
    this.#translators.set(namespace, translator);
    return translator;
  }
}
