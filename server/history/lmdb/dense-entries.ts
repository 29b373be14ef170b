import { damaged, type StoredEntry } from './layout.js';
import type { Tables } from './tables.js';

/**
 * The stored entries from `start` up to but without `end`, at most `limit`. Offsets have no holes, so one that is not there is
 * lost: then it throws DATA_LOSS instead of passing over it.
 */
export function* denseRange(
  entries: Tables['entries'],
  start: number,
  end: number,
  limit: number,
): Iterable<StoredEntry> {
  let offset = start;
  for (const stored of entries.getRange({ start, end, limit })) {
    if (stored.key !== offset) throw damaged(offset);
    yield stored;
    offset += 1;
  }
  if (offset < Math.min(end, start + limit)) throw damaged(offset);
}
