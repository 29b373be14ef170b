import { EMPTY, headOf, type Head } from './batch.js';
import { chunksOf, encodeChunk } from './chunk.js';
import type { DedupeTables } from './dedupe-tables.js';
import type { EntryTable } from './entry-table.js';
import { pagesFor } from './file-room.js';
import type { JournalRecord, RecordedRow } from './journal/record.js';
import { distinctKeys } from './key-index.js';
import type { TableWriter } from './table-writer.js';
import type { Tables } from './tables.js';

/** How many rows go into the tables in one commit: a few milliseconds of the event loop. */
const AT_ONCE = 1024;

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
    // What is settled may even be trimmed.
    const { last } = this.#head;
    let rows: RecordedRow[] = [];
    for (const record of records) {
      for (const row of record.rows()) {
        if (row.offset <= last) continue;
        rows.push(row);
        if (rows.length < AT_ONCE) continue;
        await this.#commit(rows);
        rows = [];
      }
    }
    if (rows.length > 0) await this.#commit(rows);
  }

  async #commit(rows: readonly RecordedRow[]): Promise<void> {
    let number = this.#chunk;
    const chunks = [...chunksOf(rows)].map((chunk) => ({
      first: chunk[0].offset,
      bytes: encodeChunk(
        (number += 1),
        chunk.map(({ stored }) => stored),
      ),
    }));
    const pages = (): number =>
      pagesFor(
        chunks.map(({ bytes }) => bytes.length),
        distinctKeys(rows),
        2 * rows.length,
      );
    await this.writer.commit(pages, () => {
      for (const { first, bytes } of chunks) this.entries.put(first, bytes);
      this.#putKeys(rows);
    });
    this.#chunk = number;
    const newest = rows.at(-1);
    if (newest !== undefined) this.#head = headOf(newest.offset, newest.stored);
  }

  #putKeys(rows: readonly RecordedRow[]): void {
    for (const { filed } of rows) {
      // The promise of the whole batch tells of a failure; these are the same one.
      if (filed !== undefined) void this.keys.put(filed.key, filed.value);
    }
    this.dedupe.put(rows, this.#head);
  }
}
