import { EMPTY_HEAD, headOf, headOfBlock, type Head } from '../tables/head.js';
import { blockBytes, blocksOf, encodeBlock } from '../tables/block.js';
import type { DedupeTables } from '../tables/dedupe-tables.js';
import type { EntryTable } from '../tables/entry-table.js';
import { maxPages } from '../guard/data-file-space.js';
import { putIndexLimit } from '../tables/index-limit.js';
import type { TableWriter } from '../tables/table-writer.js';
import type { Tables } from '../tables/tables.js';
import type { LogEntry, LogRecord } from './record.js';
import { RecordBuffers } from './record-buffers.js';

/**
 * Work of one transaction, all put in one iteration of the event loop: a few milliseconds. A unit
 * is about one row of an index.
 */
const TRANSACTION_WORK = 4096;
/** Rows of an index that are put between two looks at the work that is left. */
const STEP_ROWS = 64;
/** Bytes of a block that take as long as one unit. */
const BLOCK_BYTES_PER_UNIT = 2048;
/** Pages that each transaction may rewrite beside those of its rows. */
const PAGES_PER_TRANSACTION = 16;

/**
 * Copies entries from the write-ahead log to the tables, in several transactions, one at a time.
 * Rows of the indexes go first, sorted so that few pages are rewritten by two of them, and blocks
 * of entries last. An entry is in the tables once its block is, so a checkpoint can be interrupted
 * between two transactions, and repeated.
 */
export class Checkpointer {
  #head: Head = EMPTY_HEAD;
  /** Number of the newest block. */
  #blockNumber = 0;
  /** Memory for the blocks of one transaction. */
  readonly #blockBuffers = new RecordBuffers();

  /** Throws DATA_LOSS when the newest block in the tables is damaged. */
  constructor(
    private readonly entries: EntryTable,
    private readonly tables: Pick<Tables, 'keys' | 'meta'>,
    private readonly dedupe: DedupeTables,
    private readonly writer: TableWriter,
  ) {
    const newest = entries.newestBlock();
    if (newest === undefined) return;
    this.#blockNumber = newest.number;
    this.#head = headOfBlock(newest);
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
    const pending = entriesAfter(this.#head.last, records);
    const puts = this.#puts(pending, row.offset);
    let isDone = false;
    await this.writer.commit(
      () => maxPagesFor(pending),
      whileNot(() => isDone),
      () => {
        this.#blockBuffers.reuse();
        isDone = advance(puts, TRANSACTION_WORK);
      },
    );
    this.#head = headOf(row.offset, row.stored);
  }

  // The promise of the whole batch reports failures, so those of single puts are ignored.

  /** Puts a few rows each time that it is advanced, and yields the work that they took. */
  *#puts(pending: readonly LogEntry[], last: number): Generator<number, void> {
    putIndexLimit(this.tables.meta, last);
    this.dedupe.begin(this.#head);
    const valuesByKey = new Map<string, number[]>();
    for (const rows of inSteps(pending)) {
      for (const row of rows) {
        this.dedupe.put(row);
        collectKey(valuesByKey, row);
      }
      yield rows.length;
    }
    yield* this.#putKeys(valuesByKey);
    for (const block of blocksOf(pending)) yield this.#putBlock(block);
  }

  *#putKeys(valuesByKey: ReadonlyMap<string, readonly number[]>): Iterable<number> {
    for (const latinKey of [...valuesByKey.keys()].sort()) {
      const key = Buffer.from(latinKey, 'latin1');
      for (const values of inSteps(valuesByKey.get(latinKey) ?? [])) {
        for (const value of values) void this.tables.keys.put(key, value);
        yield values.length;
      }
    }
  }

  #putBlock(rows: readonly [LogEntry, ...LogEntry[]]): number {
    const stored = rows.map((row) => row.stored);
    const bytes = this.#blockBuffers.take(blockBytes(stored));
    this.#blockNumber += 1;
    this.entries.put(rows[0].offset, encodeBlock(this.#blockNumber, stored, bytes));
    return 1 + bytes.length / BLOCK_BYTES_PER_UNIT;
  }
}

/** The entries of records after an offset. Those up to it are checkpointed, or trimmed already. */
function entriesAfter(offset: number, records: readonly LogRecord[]): LogEntry[] {
  const entries: LogEntry[] = [];
  for (const record of records) {
    if (record.last <= offset) continue;
    for (const entry of record.rows()) if (entry.offset > offset) entries.push(entry);
  }
  return entries;
}

function* inSteps<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += STEP_ROWS) {
    yield items.slice(from, from + STEP_ROWS);
  }
}

function collectKey(valuesByKey: Map<string, number[]>, row: LogEntry): void {
  const { latinKey } = row;
  if (latinKey === '') return;
  const values = valuesByKey.get(latinKey);
  if (values === undefined) valuesByKey.set(latinKey, [row.indexValue]);
  else values.push(row.indexValue);
}

/** Advances until all is put, or as much as takes the given work; returns whether all is put. */
function advance(puts: Iterator<number, void>, work: number): boolean {
  for (let left = work; left > 0;) {
    const put = puts.next();
    if (put.done === true) return true;
    left -= put.value;
  }
  return false;
}

function* whileNot(isDone: () => boolean): Iterable<undefined> {
  while (!isDone()) yield undefined;
}

function maxPagesFor(rows: readonly LogEntry[]): number {
  const sizes = [...blocksOf(rows)].map((block) => blockBytes(block.map(({ stored }) => stored)));
  const keys = new Set(rows.map(({ latinKey }) => latinKey)).size;
  const transactions = 1 + Math.ceil((3 * rows.length) / TRANSACTION_WORK);
  return maxPages(sizes, keys, 2 * rows.length) + transactions * PAGES_PER_TRANSACTION;
}
