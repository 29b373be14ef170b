import type { Entry, ReadLimit } from '../../store.js';
import type { EntryTable } from './entry-table.js';
import { damagedEntry, decodeEntry } from './row.js';

/**
 * The entries after an offset up to `last`, as many as one read may give. Offsets have no holes, so one that is not there is
 * lost: then it throws DATA_LOSS instead of passing over it. A replay goes this way with every entry, so it is one loop and no
 * chain of generators.
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
  for (const chunk of entries.blocks(next, last + 1)) {
    if (chunk === undefined || next < chunk.first || next >= chunk.end) throw damagedEntry(next);
    for (const end = Math.min(chunk.end, last + 1); next < end; next++) {
      const entry = decodeEntry(next, chunk.row(next));
      taken.push(entry);
      bytes += entry.envelope.length;
      if (taken.length >= limit.entries || bytes >= limit.bytes) return taken;
    }
  }
  if (next <= last) throw damagedEntry(next);
  return taken;
}
