import type { LogRecord } from '../journal/record.js';
import { Block } from '../tables/block.js';
import { rowsByOffset } from '../tables/rows-by-offset.js';
import { rowCount, type Tables } from '../tables/tables.js';

/** Consecutive entries that are missing between others in the tables. */
export interface Hole {
  /** Offset of the first missing entry. */
  readonly first: number;
  /** Offset of the newest entry in the tables. */
  readonly last: number;
}

/**
 * Finds the first hole in the tables; undefined when they have none. Blocks are numbered, so the
 * first and the last one say how many there must be, and the table is scanned only for a hole.
 */
export function findHole(entries: Tables['entries']): Hole | undefined {
  const [first] = [...rowsByOffset(entries, { limit: 1 })].map(blockOf);
  const [newest] = [...rowsByOffset(entries, { limit: 1, reverse: true })].map(blockOf);
  if (first === undefined || newest === undefined) return undefined;
  if (rowCount(entries) === newest.number - first.number + 1) return undefined;
  return { first: firstMissing(entries) ?? first.first, last: newest.end - 1 };
}

/** Undefined when damaged blocks hide which entries are missing. */
function firstMissing(entries: Tables['entries']): number | undefined {
  let next: number | undefined;
  for (const row of rowsByOffset(entries, {})) {
    if (next !== undefined && row.key !== next) return next;
    next = blockOf(row)?.end;
  }
  return undefined;
}

function blockOf({ key, value }: { readonly key: number; readonly value: Buffer }) {
  return Block.decode(key, value);
}

/**
 * Whether the records have every entry from the start of a hole to the newest one in the tables.
 */
export function coversHole({ first, last }: Hole, records: readonly LogRecord[]): boolean {
  let next = first;
  for (const record of [...records].sort((a, b) => a.first - b.first)) {
    if (record.first <= next) next = Math.max(next, record.last + 1);
  }
  return next > last;
}

/**
 * The offset from which on all blocks of the tables are damaged, so that their end is unknown;
 * undefined when the newest block is intact.
 */
export function damagedEnd(entries: Tables['entries']): number | undefined {
  let end: number | undefined;
  for (const row of rowsByOffset(entries, { reverse: true })) {
    if (blockOf(row) !== undefined) break;
    if (!Number.isNaN(row.key)) end = row.key;
  }
  return end;
}

/**
 * Removes all blocks from an offset on in one transaction, so that the tables end before it. Rows
 * of the other tables stay, because the next checkpoint puts the same ones again.
 */
export function cutBack({ root, entries }: Pick<Tables, 'root' | 'entries'>, first: number): void {
  root.transactionSync(() => {
    for (const key of [...entries.getKeys({ start: first })]) entries.removeSync(key);
  });
}
