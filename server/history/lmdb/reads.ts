import { firstOffset } from '../first-offset.js';
import { upTo } from '../read-limit.js';
import type { Bounds, Entry, ReadLimit, Scope } from '../store.js';
import { trimmed } from '../trimmed.js';
import type { Head } from './tables/head.js';
import { denseEntries } from './tables/dense-entries.js';
import type { EntryTable } from './tables/entry-table.js';
import type { WriteAheadLog } from './journal/write-ahead-log.js';
import { offsetsIn } from './tables/key-index.js';
import { decodeEntry, entrySizeOf, storedAtOf, totalsOf, type StoredRow } from './tables/row.js';
import type { Tables } from './tables/tables.js';

/*
 * A commit of trimming is in the tables before we hear of it, so where the history begins is asked of the tables and
 * not remembered. Nothing here waits, so all of one read happens in one snapshot of lmdb. Where the journal's entries begin is
 * remembered: one that is being settled may be in both.
 */

/** Where entries are. */
interface ReadSources {
  readonly entries: EntryTable;
  readonly keys: Tables['keys'];
  /** The newest entry that is to be read from the tables. */
  readonly checkpointed: number;
  /** Those after it. */
  readonly log: WriteAheadLog;
}

/** See EventStore.read. */
export function readEntries(
  { entries, keys, checkpointed: settled, log: journal }: ReadSources,
  after: number,
  limit: ReadLimit,
  scope: Scope | undefined,
): Entry[] {
  const { first } = entries;
  if (after < first - 1) throw trimmed(after, first);
  if (after >= settled) return upTo(limit, journal.after(after, scope));
  if (scope === undefined) {
    const taken = denseEntries(entries, after, settled, limit);
    return taken.at(-1)?.offset === settled
      ? upTo(limit, chain(taken, journal.after(settled, scope)))
      : taken;
  }
  const inTables = decoded(rowsAt(entries, offsetsIn(keys, scope, after + 1, settled + 1)));
  return upTo(limit, chain(inTables, journal.after(settled, scope)));
}

function* chain<Item>(one: Iterable<Item>, other: Iterable<Item>): Iterable<Item> {
  yield* one;
  yield* other;
}

/** See EventStore.readKeptExits. */
export function readExits(
  entries: EntryTable,
  { exits, keys }: Pick<Tables, 'exits' | 'keys'>,
  after: number,
  limit: ReadLimit,
  scope: Scope | undefined,
): Entry[] {
  const rows =
    scope === undefined
      ? exits.getRange({ start: after + 1, limit: limit.entries })
      : rowsAtSome(exits, offsetsIn(keys, scope, after + 1, entries.first));
  return upTo(limit, decoded(rows));
}

function* decoded(rows: Iterable<StoredRow>): Iterable<Entry> {
  for (const { key, value } of rows) yield decodeEntry(key, value);
}

function* rowsAt(entries: EntryTable, offsets: Iterable<number>): Iterable<StoredRow> {
  for (const key of offsets) yield { key, value: entries.row(key) ?? Buffer.alloc(0) };
}

/** Of an entry that was damaged when it was trimmed, a row in the index may be left and nothing else. */
function* rowsAtSome(exits: Tables['exits'], offsets: Iterable<number>): Iterable<StoredRow> {
  for (const key of offsets) {
    const value = exits.get(key);
    if (value !== undefined) yield { key, value };
  }
}

/** See EventStore.offsetAt. */
export function findTime(
  entries: EntryTable,
  journal: WriteAheadLog,
  last: number,
  time: bigint,
): number {
  const hasReached = (offset: number): boolean => {
    const stored = journal.row(offset)?.stored ?? entries.row(offset);
    return stored !== undefined && totalsOf(offset, stored).latestTime >= time;
  };
  return firstOffset(entries.first, last, hasReached);
}

/** What the entries say of their bounds. */
export function entryBounds(
  entries: EntryTable,
  journal: WriteAheadLog,
  { last, storedAt, totalBytes: total }: Head,
): Omit<Bounds, 'storedBytes' | 'keptExits'> {
  const { first } = entries;
  const oldest = journal.row(first)?.stored ?? entries.row(first);
  if (last === 0 || oldest === undefined) {
    return { first, last, firstStoredAt: 0n, lastStoredAt: storedAt, entryBytes: total };
  }
  const before = totalsOf(first, oldest).totalBytes - entrySizeOf(oldest);
  const firstStoredAt = storedAtOf(first, oldest);
  return { first, last, firstStoredAt, lastStoredAt: storedAt, entryBytes: total - before };
}
