import type { Entry, ReadLimit } from '../../store.js';
import type { EntryTable } from './entry-table.js';
import { damagedEntry, decodeEntry } from './row.js';

/**
 * The entries after an offset up to `last`, within the limit of one read. Throws DATA_LOSS for a
 * missing entry, because offsets have no holes. Every replay runs through here, so this is one loop
 * and not a chain of generators.
 */
export function denseEntries(
  entries: EntryTable,
  after: number,
  last: number,
  limit: ReadLimit,
): Entry[] {
  const taken: Entry[] = [];
  let next = after + 1;
  let bytes = 0;
  for (const block of entries.blocks(next, last + 1)) {
    if (block === undefined || next < block.first || next >= block.end) throw damagedEntry(next);
    for (const end = Math.min(block.end, last + 1); next < end; next++) {
      const entry = decodeEntry(next, block.row(next));
      taken.push(entry);
      bytes += entry.envelope.length;
      if (taken.length >= limit.entries || bytes >= limit.bytes) return taken;
    }
  }
  if (next <= last) throw damagedEntry(next);
  return taken;
}
