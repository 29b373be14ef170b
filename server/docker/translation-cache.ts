import type { Broker } from '../broker/broker.js';
import type { EventView } from '../events/event-view.js';
import { ByteCache } from './byte-cache.js';
import type { ContainerProjection, Projected } from './container-projection.js';
import { RunChange } from './run-change.js';
import type { ShownEvent } from './shown-event.js';
import { textBytes } from './text-bytes.js';

/** Budgets of one cache; docs/operations.md lists those of all caches. */
const EVENT_BYTES = 16 * 1024 * 1024;
const PROJECTION_BYTES = 64 * 1024 * 1024;

/** Approximate bytes of a cached event besides its texts, and of one that shows nothing. */
const SHOWN_BYTES = 500;
const NOTHING_BYTES = 100;

interface CachedEvent {
  readonly fingerprint: number;
  /** Undefined for an entry of which nothing is shown. */
  readonly shown: Pick<ShownEvent, 'fields' | 'options'> | undefined;
}

/**
 * Shared by all translators of an edge: the events that any of them, above all the live one, has
 * derived, and one budget for the projections of all.
 */
export class TranslationCache {
  /** By offset. Without the views, which keep the buffers of the entries around them in memory. */
  readonly #events = new ByteCache<number, CachedEvent>(EVENT_BYTES);
  /** A projection has one position, so each belongs to one translator. */
  readonly #projections = new ByteCache<string, ContainerProjection>(PROJECTION_BYTES);
  #translators = 0;
  /** Offsets mean other entries in another history. */
  #replacements: number;

  constructor(readonly broker: Broker) {
    this.#replacements = broker.replacements;
  }

  /** Returns a number for a new translator, which its keys begin with. */
  enter(): number {
    this.#translators += 1;
    return this.#translators;
  }

  projection(key: string): ContainerProjection | undefined {
    return this.#projections.get(key);
  }

  keepProjection(key: string, projection: ContainerProjection): void {
    this.#projections.set(key, projection, projection.bytes);
  }

  event({ offset, fingerprint }: EventView): CachedEvent | undefined {
    this.#forgetOtherHistory();
    const cached = this.#events.get(offset);
    return cached?.fingerprint === fingerprint ? cached : undefined;
  }

  /** A change without an event is not kept: few readers need it, and it is derived again. */
  keepEvent({ offset, fingerprint }: EventView, event: Projected | undefined): void {
    if (event instanceof RunChange) return;
    this.#forgetOtherHistory();
    if (event === undefined) {
      this.#events.set(offset, { fingerprint, shown: undefined }, NOTHING_BYTES);
      return;
    }
    const { fields, options } = event;
    const bytes = SHOWN_BYTES + textBytes(fields.attributes) + 2 * options.exact.length;
    this.#events.set(offset, { fingerprint, shown: { fields, options } }, bytes);
  }

  #forgetOtherHistory(): void {
    if (this.#replacements === this.broker.replacements) return;
    this.#replacements = this.broker.replacements;
    this.#events.clear();
  }
}
