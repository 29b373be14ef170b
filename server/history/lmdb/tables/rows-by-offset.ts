import type { Database, RangeOptions } from 'lmdb';
import type { StoredRow } from './row.js';

const NO_ROW = Buffer.alloc(0);

/** Damaged keys in a row after which a range is given up: lmdb may not have moved on. */
const MAX_DAMAGED_KEYS = 100_000;

/**
 * The rows of a range. A row whose key damage has made no offset, or one out of order, has the key
 * NaN and is empty: lmdb throws where bytes are no number.
 */
export function* rowsByOffset(
  table: Database<Buffer, number>,
  range: RangeOptions,
): Iterable<StoredRow> {
  const rows = table.getRange(range)[Symbol.iterator]();
  const sign = range.reverse === true ? -1 : 1;
  let last = -Infinity;
  let damaged = 0;
  try {
    for (;;) {
      let row: StoredRow = { key: NaN, value: NO_ROW };
      try {
        const next = rows.next();
        if (next.done === true) return;
        const { key, value } = next.value;
        if (Number.isSafeInteger(key) && key > 0 && sign * key > last) row = { key, value };
      } catch (error) {
        if (++damaged > MAX_DAMAGED_KEYS) throw error;
      }
      if (!Number.isNaN(row.key)) last = sign * row.key;
      yield row;
    }
  } finally {
    // A range of lmdb holds its snapshot until it is closed.
    rows.return?.();
  }
}

/** Whether the key of a row is an offset that leads to it. */
export function isFound(table: Database<Buffer, number>, key: number): boolean {
  return !Number.isNaN(key) && table.doesExist(key);
}
