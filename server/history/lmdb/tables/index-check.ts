import { damagedAt } from '../../read-limit.js';
import type { Damage, StoreSettings } from '../../store.js';
import { maxPages } from '../guard/data-file-space.js';
import type { EntryTable } from './entry-table.js';
import { keyRow, type KeyRow } from './key-index.js';
import { isFound, rowsByOffset } from './rows-by-offset.js';
import { classificationOf, decodeEntry, type StoredRow } from './row.js';
import type { TableWriter } from './table-writer.js';
import { rowCount, type Tables } from './tables.js';

/** Key in the table meta that exists from when the index is emptied until it is whole again. */
const REBUILDING_KEY = 'rebuilding';
/** Entries whose index rows are put in one transaction. */
const SLICE_ENTRIES = 1000;
/** Bytes of entries that one slice checks, so that it stays short. */
const SLICE_BYTES = 1024 * 1024;

/** The index of keys, and the entries that it must have rows of. */
export interface IndexedTables {
  readonly tables: Pick<Tables, 'root' | 'exits' | 'keys' | 'meta'>;
  readonly entries: EntryTable;
  readonly classify: StoreSettings['classify'];
}

/** The rows of a slice of the history, and where the next slice begins. */
interface IndexSlice {
  readonly filed: readonly KeyRow[];
  /** Entries that are damaged, so that nothing says their keys. */
  readonly damaged: readonly Damage[];
  /** Undefined after the last slice. */
  readonly next: number | undefined;
  /** Whether a kept lasting entry has a key that does not lead to it. */
  readonly hasDamagedKey: boolean;
}

/** Whether an index was emptied and not filled again. */
export function isRebuilding({ meta }: Pick<Tables, 'meta'>): boolean {
  return meta.get(REBUILDING_KEY) !== undefined;
}

/**
 * Looks up every entry of the tables in the index, because a flipped bit in the index would hide
 * an entry from the reads of its container, and neither it nor the keys of the tables have a check
 * of their own.
 *
 * @param entriesPerSlice entries looked up in one iteration of the event loop
 * @param pause awaited after each iteration; resolves with whether to go on
 * @returns whether an entry has no row
 */
export async function lacksRows(
  indexed: IndexedTables,
  entriesPerSlice: number,
  pause: () => Promise<boolean>,
): Promise<boolean> {
  const { exits, keys } = indexed.tables;
  // A damaged key of the table exits may be anywhere, or no number.
  const kept = exits.getCount({ start: 1, end: indexed.entries.first });
  if (kept !== rowCount(exits)) return true;
  for (let start: number | undefined = 0; start !== undefined;) {
    // The entries and their index rows are of one snapshot, since nothing is awaited in between.
    const slice: IndexSlice = readSlice(indexed, start, entriesPerSlice);
    if (slice.hasDamagedKey || !slice.filed.every(({ key, value }) => keys.doesExist(key, value)))
      return true;
    start = slice.next;
    if (!(await pause())) return false;
  }
  return false;
}

/**
 * Empties the index and puts the rows of all entries again. Checkpoints and trims may run between
 * its transactions. After an interruption it has to be repeated.
 *
 * @param putDamaged puts the damaged entries, which have no row any more; called in a batch
 */
export async function rebuildIndex(
  indexed: IndexedTables,
  writer: Pick<TableWriter, 'commit'>,
  putDamaged: (damaged: readonly Damage[]) => void,
): Promise<void> {
  const { keys, meta } = indexed.tables;
  await inTransaction(writer, 0, () => {
    void meta.put(REBUILDING_KEY, '1');
    void keys.clearAsync();
  });
  const damaged: Damage[] = [];
  for (let start: number | undefined = 0; start !== undefined;) {
    const begin: number = start;
    let slice: IndexSlice | undefined;
    // Read within the transaction, because a trim before it may have removed entries.
    await inTransaction(writer, SLICE_ENTRIES, () => {
      slice = readSlice(indexed, begin, SLICE_ENTRIES);
      for (const { key, value } of slice.filed) void keys.put(key, value);
    });
    damaged.push(...(slice?.damaged ?? []));
    start = slice?.next;
  }
  await inTransaction(writer, damaged.length, () => {
    putDamaged(damaged);
    void meta.remove(REBUILDING_KEY);
  });
}

function inTransaction(
  writer: Pick<TableWriter, 'commit'>,
  rows: number,
  put: () => void,
): Promise<void> {
  return writer.commit(() => maxPages([], rows, 2 * rows), [undefined], put);
}

/** The slice that begins with an offset. Kept lasting entries have offsets before all others. */
function readSlice(
  { tables, entries, classify }: IndexedTables,
  start: number,
  limit: number,
): IndexSlice {
  const filed: KeyRow[] = [];
  const damaged: Damage[] = [];
  const { first } = entries;
  let expected = Math.max(start, first);
  let bytes = 0;
  let count = 0;
  let hasDamagedKey = false;
  for (const { key: offset, value } of rowsFrom(tables.exits, entries, start)) {
    if ((count >= limit || bytes >= SLICE_BYTES) && !Number.isNaN(offset)) {
      return { filed, damaged, next: offset, hasDamagedKey };
    }
    count += 1;
    bytes += value.length;
    const isKept = offset < first || Number.isNaN(offset);
    if (isKept && !isFound(tables.exits, offset)) hasDamagedKey = true;
    if (Number.isNaN(offset)) continue;
    if (decodeEntry(offset, value) === undefined) damaged.push(damagedAt(offset));
    else filed.push(...rowsOf(offset, value, classify));
    if (offset < first) continue;
    // The rows of a damaged block are missing.
    if (offset > expected) damaged.push(damagedAt(expected, offset - 1));
    expected = offset + 1;
  }
  return { filed, damaged, next: undefined, hasDamagedKey };
}

function* rowsFrom(
  exits: Tables['exits'],
  entries: EntryTable,
  start: number,
): Iterable<StoredRow> {
  const { first } = entries;
  if (start < first) yield* rowsByOffset(exits, { start, end: first });
  yield* entries.rows(Math.max(start, first), Infinity);
}

function rowsOf(offset: number, stored: Buffer, classify: StoreSettings['classify']): KeyRow[] {
  const row = keyRow(classificationOf(stored, classify).key, offset);
  return row === undefined ? [] : [row];
}
