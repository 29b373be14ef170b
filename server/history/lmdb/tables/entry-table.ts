import type { Database } from 'lmdb';
import { Block } from './block.js';
import { damagedEntry, type StoredRow } from './row.js';
import { rowsByOffset } from './rows-by-offset.js';

const NO_ROW = Buffer.alloc(0);

/** The table entries: blocks of rows, by the offset of each block's first entry. */
export class EntryTable {
  constructor(private readonly table: Database<Buffer, number>) {}

  /** Offset of the oldest entry; 1 when there is none. */
  get first(): number {
    const [first] = this.table.getKeys({ limit: 1 });
    return first ?? 1;
  }

  /**
   * Returns undefined for an empty table. Throws DATA_LOSS when the newest block is damaged,
   * because the end of the history is then unknown.
   */
  newestBlock(): Block | undefined {
    for (const { key, value } of rowsByOffset(this.table, { reverse: true, limit: 1 })) {
      const block = Block.decode(key, value);
      if (block === undefined) throw damagedEntry(key);
      return block;
    }
    return undefined;
  }

  /** A copy of an entry's row; undefined when the entry is missing or its block is damaged. */
  row(offset: number): Buffer | undefined {
    const row = this.rowView(offset);
    return row && Buffer.from(row);
  }

  /** Like `row`, without the copy: it keeps its whole block in memory. */
  rowView(offset: number): Buffer | undefined {
    const block = this.#blockWith(offset);
    return block && offset < block.end ? block.row(offset) : undefined;
  }

  /**
   * Copies of the rows at rising offsets; empty for a missing entry. A block is read once for all
   * of its rows, because entries with the same key often follow each other.
   */
  *rowsAt(offsets: Iterable<number>): Iterable<StoredRow> {
    let block: Block | undefined;
    for (const key of offsets) {
      // A damaged index may have offsets out of order.
      const isInBlock = block !== undefined && key >= block.first && key < block.end;
      if (!isInBlock) block = this.#blockWith(key);
      const row = block !== undefined && key < block.end ? block.row(key) : NO_ROW;
      yield { key, value: Buffer.from(row) };
    }
  }

  /** The blocks with entries from `start` up to, not including, `end`; undefined if damaged. */
  *blocks(start: number, end: number): Iterable<Block | undefined> {
    const [from] = this.table.getKeys({ start, reverse: true, limit: 1 });
    for (const { key, value } of rowsByOffset(this.table, { start: from ?? start, end })) {
      yield Block.decode(key, value);
    }
  }

  /** The rows from `start` up to, not including, `end`, without those of damaged blocks. */
  *rows(start: number, end: number): Iterable<StoredRow> {
    for (const block of this.blocks(start, end)) {
      if (block === undefined) continue;
      const last = Math.min(end, block.end) - 1;
      for (let key = Math.max(start, block.first); key <= last; key++) {
        yield { key, value: block.row(key) };
      }
    }
  }

  /** Must be called in a batch. */
  put(first: number, block: Buffer): void {
    void this.table.put(first, block);
  }

  /** Removes all entries before an offset. Must be called in a batch; does not throw. */
  removeBefore(offset: number): void {
    const kept = this.#blockWith(offset - 1);
    for (const first of this.table.getKeys({ end: offset })) void this.table.remove(first);
    if (kept !== undefined && kept.end > offset) this.put(offset, kept.from(offset));
  }

  #blockWith(offset: number): Block | undefined {
    const range = { start: offset, reverse: true, limit: 1 };
    for (const { key, value } of rowsByOffset(this.table, range)) {
      return Block.decode(key, value);
    }
    return undefined;
  }
}
