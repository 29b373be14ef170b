import type { EventFilters } from './event-filters.js';
import type { ShownEvent } from './shown-event.js';

/** One who wants some of the events. */
export interface FilteredReader {
  readonly filters: EventFilters;
  /** Takes an event that passed the filters. */
  offer(event: ShownEvent): void;
}

type Bucket = Set<FilteredReader>;

/**
 * Finds the readers of an event without asking all of them: those that want ids or names with a certain beginning are filed
 * under it, those that want a certain label under that. A reader's filters are always evaluated; the index only spares the
 * evaluations that would be false.
 */
export class FilterIndex {
  /** By the length of the beginning, then by itself. */
  readonly #prefixes = new Map<number, Map<string, Bucket>>();
  /** By the label's name, then by its value. */
  readonly #labels = new Map<string, Map<string, Bucket>>();
  readonly #unfiled: Bucket = new Set();

  add(reader: FilteredReader): void {
    const { prefixes, label } = reader.filters;
    if (prefixes !== undefined) {
      for (const prefix of prefixes) file(this.#prefixes, prefix.length, prefix, reader);
    } else if (label !== undefined) file(this.#labels, label.name, label.value, reader);
    else this.#unfiled.add(reader);
  }

  remove(reader: FilteredReader): void {
    const { prefixes, label } = reader.filters;
    if (prefixes !== undefined) {
      for (const prefix of prefixes) unfile(this.#prefixes, prefix.length, prefix, reader);
    } else if (label !== undefined) unfile(this.#labels, label.name, label.value, reader);
    else this.#unfiled.delete(reader);
  }

  /** Offers the event to every reader whose filters it passes, once. */
  dispatch(event: ShownEvent): void {
    const { actorId, attributes } = event.fields;
    const name = attributes.get('name');
    const met: Bucket = new Set();
    for (const [length, byPrefix] of this.#prefixes) {
      ask(byPrefix.get(actorId.slice(0, length)), event, met);
      if (name !== undefined) ask(byPrefix.get(name.slice(0, length)), event, met);
    }
    for (const [label, byValue] of this.#labels) {
      const value = attributes.get(label);
      if (value !== undefined) ask(byValue.get(value), event, met);
    }
    for (const reader of this.#unfiled) offerIfWanted(reader, event);
  }
}

/** Whoever is filed under several beginnings, or under an id that is also the name, is met more than once. */
function ask(bucket: Bucket | undefined, event: ShownEvent, met: Bucket): void {
  for (const reader of bucket ?? []) {
    if (met.has(reader)) continue;
    met.add(reader);
    offerIfWanted(reader, event);
  }
}

function offerIfWanted(reader: FilteredReader, event: ShownEvent): void {
  if (reader.filters.matches(event.fields)) reader.offer(event);
}

function file<Key>(
  table: Map<Key, Map<string, Bucket>>,
  key: Key,
  value: string,
  reader: FilteredReader,
): void {
  const byValue = table.get(key) ?? new Map<string, Bucket>();
  const bucket = byValue.get(value) ?? new Set();
  bucket.add(reader);
  byValue.set(value, bucket);
  table.set(key, byValue);
}

function unfile<Key>(
  table: Map<Key, Map<string, Bucket>>,
  key: Key,
  value: string,
  reader: FilteredReader,
): void {
  const byValue = table.get(key);
  const bucket = byValue?.get(value);
  bucket?.delete(reader);
  if (bucket?.size === 0) byValue?.delete(value);
  if (byValue?.size === 0) table.delete(key);
}
