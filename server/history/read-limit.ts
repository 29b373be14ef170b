import type { Entry, ReadLimit } from './store.js';

/** The first entries, as many as the limit allows. */
export function upTo(limit: ReadLimit, entries: Iterable<Entry>): Entry[] {
  const taken: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    taken.push(entry);
    bytes += entry.envelope.length;
    if (taken.length >= limit.entries || bytes >= limit.bytes) break;
  }
  return taken;
}
