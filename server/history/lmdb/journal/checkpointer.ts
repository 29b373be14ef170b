import { EMPTY, headOf, type Head } from '../batch.js';
import { chunkBytes, chunksOf, encodeChunk } from '../tables/block.js';
import type { DedupeTables } from '../tables/dedupe-tables.js';
import type { EntryTable } from '../tables/entry-table.js';
import { pagesFor } from '../guard/data-file-space.js';
import type { JournalRecord, RecordedRow } from './record.js';
import { distinctKeys } from '../tables/key-index.js';
import type { TableWriter } from '../tables/table-writer.js';
import type { Tables } from '../tables/tables.js';

/** How many rows are put in one turn of the event loop: about a millisecond. */
const SLICE = 512;

/** Puts entries into the tables that are in the journal already. */
export class Settler {
  #head: Head = EMPTY;
  /** Of the newest chunk. */
  #chunk = 0;

  /** Throws DATA_LOSS when the newest entry in the tables is damaged beyond reckoning. */
  constructor(
    private readonly entries: EntryTable,
    private readonly keys: Tables['keys'],
    private readonly dedupe: DedupeTables,
    private readonly writer: TableWriter,
  ) {
    const newest = entries.newestChunk();
    if (newest === undefined) return;
    this.#chunk = newest.number;
    this.#head = headOf(newest.end - 1, newest.row(newest.end - 1));
  }

  /** The newest entry that the tables are known to have. */
  get head(): Head {
    return this.#head;
  }

  /** Settles what is not yet of some records. Rejects with why it could not; then some of it may be. */
  async settle(records: readonly JournalRecord[]): Promise<void> {
    const newest = records.at(-1);
    const row = newest?.row(newest.last);
    if (row === undefined || row.offset <= this.#head.last) return;
    const unsettled = (): Iterable<RecordedRow> => rowsAfter(this.#head.last, records);
    const pages = (): number => pagesOf([...unsettled()]);
    let number = this.#chunk;
    await this.writer.commit(pages, inParts(unsettled(), SLICE), (rows) => {
      for (const chunk of chunksOf(rows)) this.#putChunk(chunk, (number += 1));
      this.#putKeys(rows);
    });
    this.#chunk = number;
    this.#head = headOf(row.offset, row.stored);
  }

  // The promises of whole batches tell of failures; those of what is put are the same ones.

  #putChunk(rows: readonly [RecordedRow, ...RecordedRow[]], number: number): void {
    const stored = rows.map((row) => row.stored);
    this.entries.put(rows[0].offset, encodeChunk(number, stored));
  }

  #putKeys(rows: readonly RecordedRow[]): void {
    for (const { filed } of rows) {
      if (filed !== undefined) void this.keys.put(filed.key, filed.value);
    }
    this.dedupe.put(rows, this.#head);
  }
}

/** What is settled already may even be trimmed. */
function* rowsAfter(offset: number, records: readonly JournalRecord[]): Iterable<RecordedRow> {
  for (const record of records) {
    for (const row of record.rows()) if (row.offset > offset) yield row;
  }
}

function* inParts<Item>(items: Iterable<Item>, size: number): Iterable<Item[]> {
  let part: Item[] = [];
  for (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function pagesOf(rows: readonly RecordedRow[]): number {
  const sizes = [...chunksOf(rows)].map((chunk) => chunkBytes(chunk.map(({ stored }) => stored)));
  return pagesFor(sizes, distinctKeys(rows), 2 * rows.length);
}
