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

/** How many rows are put in one turn of the event loop: about a millisecond. */
const ENTRIES_PER_TRANSACTION = 512;

/** Puts entries into the tables that are in the journal already. */
export class Checkpointer {
  #head: Head = EMPTY_HEAD;
  /** Of the newest chunk. */
  #blockNumber = 0;

  /** Throws DATA_LOSS when the newest entry in the tables is damaged beyond reckoning. */
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

  /** The newest entry that the tables are known to have. */
  get head(): Head {
    return this.#head;
  }

  /** Settles what is not yet of some records. Rejects with why it could not; then some of it may be. */
  async checkpoint(records: readonly LogRecord[]): Promise<void> {
    const newest = records.at(-1);
    const row = newest?.row(newest.last);
    if (row === undefined || row.offset <= this.#head.last) return;
    const unsettled = (): Iterable<TableEntry> => rowsAfter(this.#head.last, records);
    const pages = (): number => maxPagesFor([...unsettled()]);
    let number = this.#blockNumber;
    await this.writer.commit(pages, slices(unsettled(), ENTRIES_PER_TRANSACTION), (rows) => {
      for (const chunk of blocksOf(rows)) this.#putBlock(chunk, (number += 1));
      this.#putKeys(rows);
    });
    this.#blockNumber = number;
    this.#head = headOf(row.offset, row.stored);
  }

  // The promises of whole batches tell of failures; those of what is put are the same ones.

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

/** What is settled already may even be trimmed. */
function* rowsAfter(offset: number, records: readonly LogRecord[]): Iterable<TableEntry> {
  for (const record of records) {
    for (const row of record.rows()) if (row.offset > offset) yield row;
  }
}

function* slices<Item>(items: Iterable<Item>, size: number): Iterable<Item[]> {
  let part: Item[] = [];
  for (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function maxPagesFor(rows: readonly TableEntry[]): number {
  const sizes = [...blocksOf(rows)].map((chunk) => blockBytes(chunk.map(({ stored }) => stored)));
  return maxPages(sizes, distinctKeys(rows), 2 * rows.length);
}
