import { FoghornError } from '../../../../protocol/errors.js';
import { maxPages } from '../guard/data-file-space.js';
import { pathOf } from '../../key.js';
import type { IndexedTables } from './index-check.js';
import { offsetsIn } from './key-index.js';
import { classificationOf, decodeEntry, totalsOf } from './row.js';
import type { TableWriter } from './table-writer.js';
import type { Tables } from './tables.js';

/** The kept lasting entries by the offsets that the index has of them. */
type ExitRows = Map<number, Buffer>;

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
