import { AcceptedFields } from '../events/event-fields.js';

/** Pairs of namespace and topic that have a count of their own; all others share one. */
const MAX_PAIRS = 200;

/** Stands for a namespace or topic without a count of its own. */
const OTHER = 'other';

/** An entry as the broker appends it. */
export interface CountedEntry {
  readonly bytes: Uint8Array;
  readonly origin?: unknown;
}

/** The events of one namespace and topic. */
export interface EventCount {
  readonly namespace: string;
  readonly topic: string;
  events: number;
}

/** Counts the events that this broker has stored. */
export class EventCounts {
  bytes = 0;
  readonly #other: EventCount = { namespace: OTHER, topic: OTHER, events: 0 };
  readonly #byNamespace = new Map<string, Map<string, EventCount>>();
  readonly #all: EventCount[] = [this.#other];

  get all(): readonly EventCount[] {
    return this.#all;
  }

  /** An entry was stored. */
  count({ bytes, origin }: CountedEntry): void {
    if (!(origin instanceof AcceptedFields)) return;
    this.bytes += bytes.length;
    const known = this.#byNamespace.get(origin.namespace)?.get(origin.topic);
    if (known === undefined) this.#find(origin.namespace, origin.topic).events += 1;
    else known.events += 1;
  }

  #find(namespace: string, topic: string): EventCount {
    if (this.#all.length > MAX_PAIRS) return this.#other;
    const added = { namespace, topic, events: 0 };
    this.#all.push(added);
    const topics = this.#byNamespace.get(namespace) ?? new Map<string, EventCount>();
    this.#byNamespace.set(namespace, topics.set(topic, added));
    return added;
  }
}
