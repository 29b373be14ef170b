import { firstOffset } from '../first-offset.js';
import { damagedAt, intactUpTo } from '../read-limit.js';
import type { Bounds, Damage, Entry, LastingReadResult, ReadLimit, ReadResult } from '../store.js';
import type { Head } from './tables/head.js';
import { denseEntries } from './tables/dense-entries.js';
import type { EntryTable } from './tables/entry-table.js';
import { firstWithLost, lostRangeAt, withLost, type LostRanges } from './journal/lost-ranges.js';
import type { WriteAheadLog } from './journal/write-ahead-log.js';
import { offsetsIn } from './tables/key-index.js';
import { rowsByOffset } from './tables/rows-by-offset.js';
import { decodeEntry, entrySizeOf, storedAtOf, totalsOf, type StoredRow } from './tables/row.js';
import type { Tables } from './tables/tables.js';

/*
 * Each read runs without awaiting, so that all of it sees one lmdb snapshot. The start of the
 * history is read from the tables each time, because a trim is visible there before its promise
 * resolves. The boundary between tables and log is passed in, because an entry being checkpointed
 * may be in both.
 */

/** The sources that a read combines. */
export interface ReadSources {
  readonly entries: EntryTable;
  readonly keys: Tables['keys'];
  /** Offset of the newest entry to read from the tables. */
  readonly checkpointed: number;
  /** Source of the entries after it. */
  readonly log: WriteAheadLog;
  readonly lost: LostRanges;
}

/** See EventStore.read. */
export function readEntries(
  sources: ReadSources,
  after: number,
  limit: ReadLimit,
  key: string | undefined,
): ReadResult {
  const { first: oldest } = sources.entries;
  const first = firstWithLost(oldest, sources.lost);
  if (after < first - 1) return { kind: 'trimmed', first };
  if (after < oldest - 1) return damagedAt(after + 1, oldest - 1);
  return entriesAfter(sources, after, limit, key);
}

function entriesAfter(
  { entries, keys, checkpointed, log, lost }: ReadSources,
  after: number,
  limit: ReadLimit,
  key: string | undefined,
): LastingReadResult {
  if (after >= checkpointed) return intactUpTo(limit, withLost(log.after(after, key), after, lost));
  if (key === undefined) {
    const read = denseEntries(entries, after, checkpointed, limit);
    if (read.kind === 'damaged' || read.entries.at(-1)?.offset !== checkpointed) return read;
    const inLog = withLost(log.after(checkpointed, key), checkpointed, lost);
    return intactUpTo(limit, chain(read.entries, inLog));
  }
  const inTables = decoded(entries.rowsAt(offsetsIn(keys, key, after + 1, checkpointed + 1)));
  const found = chain(inTables, log.after(checkpointed, key));
  return intactUpTo(limit, withLost(found, after, lost));
}

function* chain<One, Other>(one: Iterable<One>, other: Iterable<Other>): Iterable<One | Other> {
  yield* one;
  yield* other;
}

/** See EventStore.readLasting. */
export function readLasting(
  { entries, lost }: Pick<ReadSources, 'entries' | 'lost'>,
  { exits, keys }: Pick<Tables, 'exits' | 'keys'>,
  after: number,
  limit: ReadLimit,
  key: string | undefined,
): LastingReadResult {
  if (key === undefined) return intactUpTo(limit, decoded(keptRows(exits, after, limit.entries)));
  // Nothing was trimmed, or all of it is read: a walk through the index would find nothing.
  if (after + 1 >= entries.first) return { kind: 'entries', entries: [] };
  const rows = existingRowsAt(exits, offsetsIn(keys, key, after + 1, entries.first));
  // A rebuilt index has no row of a damaged entry, which may have been under any key.
  const damaged = lost.filter(({ from, to }) => to < entries.first && exits.doesExist(from));
  return intactUpTo(limit, withLost(decoded(rows), after, damaged));
}

/** A row whose key is damaged takes the next offset, which is free until the store mends it. */
function* keptRows(exits: Tables['exits'], after: number, limit: number): Iterable<StoredRow> {
  let last = after;
  for (const { key, value } of rowsByOffset(exits, { start: after + 1, limit })) {
    last = Number.isNaN(key) ? last + 1 : key;
    yield { key: last, value };
  }
}

function* decoded(rows: Iterable<StoredRow>): Iterable<Entry | Damage> {
  for (const { key, value } of rows) yield decodeEntry(key, value) ?? damagedAt(key);
}

/** Skips offsets without a row: a damaged entry that was trimmed may leave its index row behind. */
function* existingRowsAt(exits: Tables['exits'], offsets: Iterable<number>): Iterable<StoredRow> {
  for (const key of offsets) {
    const value = exits.get(key);
    if (value !== undefined) yield { key, value };
  }
}

/**
 * See EventStore.offsetAt. Lost and damaged entries count as those after them, so that a reader
 * from there on learns of them.
 */
export function findTime(
  { entries, log, lost }: Pick<ReadSources, 'entries' | 'log' | 'lost'>,
  last: number,
  time: bigint,
): number {
  const isLateEnough = (offset: number): boolean => {
    for (let at = offset; at <= last;) {
      const stored = log.row(at)?.stored ?? entries.row(at);
      if (stored !== undefined && decodeEntry(at, stored) !== undefined) {
        return totalsOf(at, stored).latestTime >= time;
      }
      at = (lostRangeAt(at, lost)?.to ?? at) + 1;
    }
    return true;
  };
  return firstOffset(firstWithLost(entries.first, lost), last, isLateEnough);
}

/** The bounds that follow from the oldest and the newest entry. */
export function entryBounds(
  { entries, log, lost }: Pick<ReadSources, 'entries' | 'log' | 'lost'>,
  { last, storedAt, totalBytes: total }: Head,
): Omit<Bounds, 'lastingEntries'> {
  const { first: oldestOffset } = entries;
  const first = firstWithLost(oldestOffset, lost);
  const oldest = log.row(oldestOffset)?.stored ?? entries.row(oldestOffset);
  if (last === 0 || oldest === undefined) {
    return { first, last, firstStoredAt: 0n, lastStoredAt: storedAt, entryBytes: total };
  }
  const before = totalsOf(oldestOffset, oldest).totalBytes - entrySizeOf(oldest);
  const firstStoredAt = storedAtOf(oldestOffset, oldest);
  return { first, last, firstStoredAt, lastStoredAt: storedAt, entryBytes: total - before };
}
