import type { Damage, Entry, LastingReadResult, ReadLimit } from './store.js';

/** Most damaged entries that one read joins to one result, so that it stays short. */
export const MAX_DAMAGE_ENTRIES = 4096;

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

/**
 * The result of a read that finds these entries and damage, in order: the entries before the first
 * damage, as many as the limit allows, or the damage that comes first.
 */
export function intactUpTo(limit: ReadLimit, found: Iterable<Entry | Damage>): LastingReadResult {
  const taken: Entry[] = [];
  let bytes = 0;
  let damage: Damage | undefined;
  for (const each of found) {
    if (!('kind' in each)) {
      if (damage !== undefined) return damage;
      taken.push(each);
      bytes += each.envelope.length;
      if (taken.length >= limit.entries || bytes >= limit.bytes) break;
    } else if (damage === undefined) {
      if (taken.length > 0) break;
      damage = each;
    } else {
      if (each.from !== damage.to + 1 || each.to - damage.from >= MAX_DAMAGE_ENTRIES) break;
      damage = { ...damage, to: each.to };
    }
  }
  return damage ?? { kind: 'entries', entries: taken };
}

export function damagedAt(from: number, to = from): Damage {
  return { kind: 'damaged', from, to };
}
