import type { Entry, ReadLimit } from '../store.js';
import { damaged, decodeEntry } from './layout.js';
import type { Tables } from './tables.js';

/**
 * The entries after an offset up to `last`, as many as one read may give. Offsets have no holes, so one that is not there is
 * lost: then it throws DATA_LOSS instead of passing over it. A replay goes this way with every entry, so it is one loop and no
 * chain of generators.
 */
export function denseEntries(
  entries: Tables['entries'],
  after: number,
  last: number,
  limit: ReadLimit,
): Entry[] {
  const taken: Entry[] = [];
  const range = { start: after + 1, end: last + 1, limit: limit.entries };
  let offset = after;
  let bytes = 0;
  for (const { key, value } of entries.getRange(range)) {
    offset += 1;
    if (key !== offset) throw damaged(offset);
    const entry = decodeEntry(key, value);
    taken.push(entry);
    bytes += entry.envelope.length;
    if (bytes >= limit.bytes) return taken;
  }
  if (offset < Math.min(last, after + limit.entries)) throw damaged(offset + 1);
  return taken;
}
