import { damagedAt, MAX_DAMAGE_ENTRIES } from '../../read-limit.js';
import type { Damage, Entry, LastingReadResult, ReadLimit } from '../../store.js';
import type { EntryTable } from './entry-table.js';

/** Most blocks that are searched for the end of damage, so that a read stays short. */
const MAX_DAMAGE_BLOCKS = MAX_DAMAGE_ENTRIES / 16;

/**
 * The entries after an offset up to `last`, within the limit of one read and before the first
 * damaged one. Offsets have no holes, so a missing entry is a damaged one. Every replay runs
 * through here, so this is one loop and not a chain of generators.
 */
export function denseEntries(
  entries: EntryTable,
  after: number,
  last: number,
  limit: ReadLimit,
): LastingReadResult {
  const taken: Entry[] = [];
  let next = after + 1;
  let bytes = 0;
  for (const block of entries.blocks(next, last + 1)) {
    if (block === undefined || next < block.first || next >= block.end) break;
    for (const end = Math.min(block.end, last + 1); next < end; next++) {
      const entry = block.entry(next);
      if (entry === undefined) return entriesOr(taken, () => damageFrom(entries, next, last));
      taken.push(entry);
      bytes += entry.envelope.length;
      if (taken.length >= limit.entries || bytes >= limit.bytes) {
        return { kind: 'entries', entries: taken };
      }
    }
  }
  if (next > last) return { kind: 'entries', entries: taken };
  return entriesOr(taken, () => damageFrom(entries, next, last));
}

function entriesOr(taken: Entry[], damage: () => Damage): LastingReadResult {
  return taken.length > 0 ? { kind: 'entries', entries: taken } : damage();
}

/** The damage that begins at an offset, up to the next intact entry or to `last`. */
function damageFrom(entries: EntryTable, from: number, last: number): Damage {
  let to = from;
  let searched = 0;
  for (const block of entries.blocks(from, last + 1)) {
    if (searched++ >= MAX_DAMAGE_BLOCKS) return damagedAt(from, to);
    // The rows of a damaged block are damaged up to the next block.
    if (block === undefined || block.end <= from) continue;
    to = Math.max(to, block.first - 1);
    for (let at = Math.max(from, block.first); at < block.end; at++) {
      if (at > last || block.entry(at) !== undefined) {
        return damagedAt(from, Math.max(from, at - 1));
      }
      to = at;
    }
  }
  return damagedAt(from, last);
}
