import { EMPTY, headOf, type Head } from './batch.js';
import type { DedupeTables } from './dedupe-tables.js';
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

  /** Throws DATA_LOSS when the newest entry in the tables is damaged beyond reckoning. */
  constructor(
    private readonly tables: Tables,
    private readonly dedupe: DedupeTables,
    private readonly writer: TableWriter,
  ) {
    const [newest] = tables.entries.getRange({ limit: 1, reverse: true });
    if (newest !== undefined) this.#head = headOf(newest.key, newest.value);
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
    const pages = (): number =>
      pagesFor(
        rows.map(({ stored }) => stored.length),
        distinctKeys(rows),
        2 * rows.filter(({ dedupeKey }) => dedupeKey !== undefined).length,
      );
    await this.writer.commit(pages, () => {
      this.#put(rows);
    });
    const newest = rows.at(-1);
    if (newest !== undefined) this.#head = headOf(newest.offset, newest.stored);
  }

  #put(rows: readonly RecordedRow[]): void {
    const { entries, keys } = this.tables;
    for (const { offset, stored, filed } of rows) {
      // The promise of the whole batch tells of a failure; these are the same one.
      void entries.put(offset, stored);
      if (filed !== undefined) void keys.put(filed.key, filed.value);
    }
    this.dedupe.put(rows, this.#head);
  }
}
