import { firstOffset } from '../first-offset.js';
import { upTo } from '../read-limit.js';
import type { Bounds, Entry, ReadLimit, Scope } from '../store.js';
import { trimmed } from '../trimmed.js';
import type { Head } from './batch.js';
import { denseRange } from './dense-range.js';
import { offsetsIn } from './key-index.js';
import { decodeEntry, sizeOf, storedAtOf, sumsOf, type StoredEntry } from './layout.js';
import type { Tables } from './tables.js';

/*
 * A commit of trimming is in the tables before we hear of it, so where the history begins is asked of the tables and
 * not remembered. Nothing here waits, so all of one read happens in one snapshot of lmdb.
 */

/** Offset of the oldest entry in the table; 1 for an empty one. */
export function firstIn(entries: Tables['entries']): number {
  const [first] = entries.getKeys({ limit: 1 });
  return first ?? 1;
}

/** See EventStore.read; `last` is the newest entry that may be seen. */
export function readEntries(
  { entries, keys }: Tables,
  after: number,
  last: number,
  limit: ReadLimit,
  scope: Scope | undefined,
): Entry[] {
  const first = firstIn(entries);
  if (after < first - 1) throw trimmed(after, first);
  const rows =
    scope === undefined
      ? denseRange(entries, after + 1, last + 1, limit.entries)
      : rowsAt(entries, offsetsIn(keys, scope, after + 1, last + 1));
  return upTo(limit, decoded(rows));
}

/** See EventStore.readKeptExits. */
export function readExits(
  { entries, exits, keys }: Tables,
  after: number,
  limit: ReadLimit,
  scope: Scope | undefined,
): Entry[] {
  const rows =
    scope === undefined
      ? exits.getRange({ start: after + 1, limit: limit.entries })
      : rowsAtSome(exits, offsetsIn(keys, scope, after + 1, firstIn(entries)));
  return upTo(limit, decoded(rows));
}

function* decoded(rows: Iterable<StoredEntry>): Iterable<Entry> {
  for (const { key, value } of rows) yield decodeEntry(key, value);
}

function* rowsAt(entries: Tables['entries'], offsets: Iterable<number>): Iterable<StoredEntry> {
  for (const key of offsets) yield { key, value: entries.get(key) ?? Buffer.alloc(0) };
}

/** Of an entry that was damaged when it was trimmed, a row in the index may be left and nothing else. */
function* rowsAtSome(exits: Tables['exits'], offsets: Iterable<number>): Iterable<StoredEntry> {
  for (const key of offsets) {
    const value = exits.get(key);
    if (value !== undefined) yield { key, value };
  }
}

/** See EventStore.offsetAt. */
export function findTime(entries: Tables['entries'], last: number, time: bigint): number {
  const reached = (offset: number): boolean => {
    const stored = entries.get(offset);
    return stored !== undefined && sumsOf(offset, stored).reached >= time;
  };
  return firstOffset(firstIn(entries), last, reached);
}

/** What the entries say of their bounds. */
export function entryBounds(
  entries: Tables['entries'],
  { last, storedAt, total }: Head,
): Omit<Bounds, 'storedBytes' | 'keptExits'> {
  const [oldest] = last === 0 ? [] : entries.getRange({ limit: 1 });
  if (oldest === undefined) {
    return { first: 1, last, firstStoredAt: 0n, lastStoredAt: 0n, entryBytes: 0 };
  }
  const { key: first, value } = oldest;
  const before = sumsOf(first, value).total - sizeOf(value);
  const firstStoredAt = storedAtOf(first, value);
  return { first, last, firstStoredAt, lastStoredAt: storedAt, entryBytes: total - before };
}
