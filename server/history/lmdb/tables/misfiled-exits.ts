import { FoghornError } from '../../../../protocol/errors.js';
import { maxPages } from '../guard/data-file-space.js';
import { pathOf } from '../../key.js';
import type { IndexedTables } from './index-check.js';
import { offsetOf, offsetsIn } from './key-index.js';
import { classificationOf, decodeEntry, totalsOf } from './row.js';
import { isFound, rowsByOffset } from './rows-by-offset.js';
import type { TableWriter } from './table-writer.js';
import { rowCount, type Tables } from './tables.js';

/** The kept lasting entries by the offsets that the index has of them. */
type ExitRows = Map<number, Buffer>;

const NO_ROW = Buffer.alloc(0);

/** Rows of the index that may be unreadable before the search in it is given up. */
const MAX_DAMAGED_ROWS = 1000;

/**
 * Finds kept lasting entries that are not under their own offset: a flipped bit in the key of a row
 * moves it to another offset, and no check of the row covers that. The index still has the offset.
 *
 * @param raw the table exits, with its keys as bytes, because damaged ones may not be decodable
 * @returns all rows under their own offsets; undefined when none is elsewhere, or when it is
 *   uncertain where one belongs
 */
export function rowsOfMisfiledExits(
  { tables: { exits, keys }, entries, classify }: IndexedTables,
  raw: Iterable<Buffer>,
): ExitRows | undefined {
  const byPath = new Map<string, Buffer[]>();
  for (const row of raw) {
    // A damaged row does not say to which key it belongs.
    if (decodeEntry(0, row) === undefined) return undefined;
    const { key } = classificationOf(row, classify);
    if (key === undefined) return undefined;
    const path = pathOf(key);
    const others = byPath.get(path);
    if (others === undefined) byPath.set(path, [row]);
    else others.push(row);
  }
  const rows: ExitRows = new Map();
  let isAnyMisfiled = false;
  for (const [path, stored] of byPath) {
    // Both are in the order in which they were appended.
    const offsets = intactOffsets(keys, path, entries.first);
    stored.sort((a, b) => totalsOf(0, a).totalBytes - totalsOf(0, b).totalBytes);
    if (offsets?.length !== stored.length) return undefined;
    for (const [i, row] of stored.entries()) {
      const offset = offsets[i] ?? 0;
      isAnyMisfiled ||= exits.get(offset)?.equals(row) !== true;
      rows.set(offset, row);
    }
  }
  return isAnyMisfiled ? rows : undefined;
}

/** The offsets before `end` of a path; undefined if their rows in the index are damaged. */
function intactOffsets(keys: Tables['keys'], path: string, end: number): number[] | undefined {
  try {
    return [...offsetsIn(keys, path, 1, end)];
  } catch (error) {
    if (error instanceof FoghornError) return undefined;
    throw error;
  }
}

/**
 * Finds kept lasting entries that their keys do not lead to: a flipped bit in the length of a key
 * damages both the key and its row, or sends a search to another page. A row without an offset gets
 * the one that the index has between its neighbours, so that readers learn of the damage.
 *
 * @param raw the rows of the table exits, in the order of their keys
 * @returns all rows by offset; undefined when each is found, or when not all can be read
 */
export function exitsWithReadableKeys(
  { tables: { exits, keys }, entries }: Pick<IndexedTables, 'tables' | 'entries'>,
  raw: readonly Buffer[],
): ExitRows | undefined {
  const found = [...rowsByOffset(exits, {})].map(({ key }) => key);
  const isComplete = found.length === raw.length && raw.length === rowCount(exits);
  if (!isComplete || found.every((key) => isFound(exits, key))) return undefined;
  const known = new Set(found);
  const missing = [...indexedOffsets(keys)]
    .filter((offset) => offset < entries.first && !known.has(offset))
    .sort((a, b) => a - b);
  const rows: ExitRows = new Map();
  let before = 0;
  found.forEach((key, at) => {
    const offset = Number.isNaN(key) ? (missing.find((gap) => gap > before) ?? before + 1) : key;
    rows.set(offset, raw[at] ?? NO_ROW);
    before = offset;
  });
  return rows;
}

/** The offsets in the whole index, without values that damage has made none. */
function* indexedOffsets(keys: Tables['keys']): Iterable<number> {
  const rows = keys.getRange({})[Symbol.iterator]();
  for (let damaged = 0; damaged < MAX_DAMAGED_ROWS;) {
    try {
      const next = rows.next();
      if (next.done === true) return;
      yield offsetOf(next.value.value);
    } catch {
      damaged += 1;
    }
  }
}

/** Replaces all kept lasting entries. */
export function rewriteExits(
  exits: Tables['exits'],
  writer: Pick<TableWriter, 'commit'>,
  rows: ExitRows,
): Promise<void> {
  const sizes = (): number[] => [...rows.values()].map(({ length }) => length);
  return writer.commit(
    () => maxPages(sizes(), 0, rows.size),
    [undefined],
    () => {
      void exits.clearAsync();
      for (const [offset, row] of rows) void exits.put(offset, row);
    },
  );
}
