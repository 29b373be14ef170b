import { EMPTY_HEAD, headOf, type Head } from '../tables/head.js';
import type { TableEntry } from '../tables/row.js';
import { blockBytes, blocksOf, encodeBlock } from '../tables/block.js';
import type { DedupeTables } from '../tables/dedupe-tables.js';
import type { EntryTable } from '../tables/entry-table.js';
import { maxPages } from '../guard/data-file-space.js';
import type { LogRecord } from './record.js';
import { distinctKeys } from '../tables/key-index.js';
import type { TableWriter } from '../tables/table-writer.js';
import type { Tables } from '../tables/tables.js';

/**
 * Entries put in one iteration of the event loop, which takes up to about 15 ms. A transaction
 * rewrites pages of all keys that it touches, so small ones cost appends more: with 2,048 entries
 * a sixth of the appends per second.
 */
const ENTRIES_PER_TRANSACTION = 8192;

/** Copies entries from the write-ahead log to the tables. */
export class Checkpointer {
  #head: Head = EMPTY_HEAD;
  /** Number of the newest block. */
  #blockNumber = 0;

  /** Throws DATA_LOSS when the newest block in the tables is damaged. */
  constructor(
    private readonly entries: EntryTable,
    private readonly keys: Tables['keys'],
    private readonly dedupe: DedupeTables,
    private readonly writer: TableWriter,
  ) {
    const newest = entries.newestBlock();
    if (newest === undefined) return;
    this.#blockNumber = newest.number;
    this.#head = headOf(newest.end - 1, newest.row(newest.end - 1));
  }

  /** The newest checkpointed entry. */
  get head(): Head {
    return this.#head;
  }

  /**
   * Copies the entries that are not in the tables yet. Rejects with the cause; some may be copied
   * then.
   */
  async checkpoint(records: readonly LogRecord[]): Promise<void> {
    const newest = records.at(-1);
    const row = newest?.row(newest.last);
    if (row === undefined || row.offset <= this.#head.last) return;
    const pending = (): Iterable<TableEntry> => rowsAfter(this.#head.last, records);
    const pages = (): number => maxPagesFor([...pending()]);
    let number = this.#blockNumber;
    await this.writer.commit(pages, slices(pending(), ENTRIES_PER_TRANSACTION), (rows) => {
      for (const block of blocksOf(rows)) this.#putBlock(block, (number += 1));
      this.#putKeys(rows);
    });
    this.#blockNumber = number;
    this.#head = headOf(row.offset, row.stored);
  }

  // The promise of the whole batch reports failures, so those of single puts are ignored.

  #putBlock(rows: readonly [TableEntry, ...TableEntry[]], number: number): void {
    const stored = rows.map((row) => row.stored);
    this.entries.put(rows[0].offset, encodeBlock(number, stored));
  }

  #putKeys(rows: readonly TableEntry[]): void {
    for (const { filed } of rows) {
      if (filed !== undefined) void this.keys.put(filed.key, filed.value);
    }
    this.dedupe.put(rows, this.#head);
  }
}

/** Skips entries that are checkpointed, some of which may be trimmed already. */
function* rowsAfter(offset: number, records: readonly LogRecord[]): Iterable<TableEntry> {
  for (const record of records) {
    for (const row of record.rows()) if (row.offset > offset) yield row;
  }
}

function* slices<Item>(items: Iterable<Item>, size: number): Iterable<Item[]> {
  let slice: Item[] = [];
  for (const item of items) {
    slice.push(item);
    if (slice.length < size) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

function maxPagesFor(rows: readonly TableEntry[]): number {
  const sizes = [...blocksOf(rows)].map((block) => blockBytes(block.map(({ stored }) => stored)));
  return maxPages(sizes, distinctKeys(rows), 2 * rows.length);
}
