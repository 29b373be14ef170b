import type { Database } from 'lmdb';
import { Block } from './block.js';
import { damagedEntry, type StoredRow } from './row.js';

/** The entries that are in the tables, which has a row for each chunk of them, by the offset of its first. */
export class EntryTable {
  constructor(private readonly table: Database<Buffer, number>) {}

  /** Offset of the oldest entry; 1 when there is none. */
  get first(): number {
    const [first] = this.table.getKeys({ limit: 1 });
    return first ?? 1;
  }

  /** Undefined when there is none. Throws DATA_LOSS when it is damaged: then nobody knows where the history ends. */
  newestBlock(): Block | undefined {
    for (const { key, value } of this.table.getRange({ reverse: true, limit: 1 })) {
      const chunk = Block.decode(key, value);
      if (chunk === undefined) throw damagedEntry(key);
      return chunk;
    }
    return undefined;
  }

  /** The row of an entry, with bytes of its own; undefined when it is not there, or its chunk is damaged. */
  row(offset: number): Buffer | undefined {
    const chunk = this.#blockWith(offset);
    return chunk && offset < chunk.end ? Buffer.from(chunk.row(offset)) : undefined;
  }

  /** The chunks with entries from `start` up to but without `end`; undefined for what is damaged. */
  *blocks(start: number, end: number): Iterable<Block | undefined> {
    const [from] = this.table.getKeys({ start, reverse: true, limit: 1 });
    for (const { key, value } of this.table.getRange({ start: from ?? start, end })) {
      yield Block.decode(key, value);
    }
  }

  /** The rows from `start` up to but without `end`, as far as they can be found. */
  *rows(start: number, end: number): Iterable<StoredRow> {
    for (const chunk of this.blocks(start, end)) {
      if (chunk === undefined) continue;
      const last = Math.min(end, chunk.end) - 1;
      for (let key = Math.max(start, chunk.first); key <= last; key++) {
        yield { key, value: chunk.row(key) };
      }
    }
  }

  /** To be called in a batch. */
  put(first: number, chunk: Buffer): void {
    void this.table.put(first, chunk);
  }

  /** Takes away everything before an offset. To be called in a batch; does not throw. */
  removeBefore(offset: number): void {
    const kept = this.#blockWith(offset - 1);
    for (const first of this.table.getKeys({ end: offset })) void this.table.remove(first);
    if (kept !== undefined && kept.end > offset) this.put(offset, kept.from(offset));
  }

  #blockWith(offset: number): Block | undefined {
    for (const { key, value } of this.table.getRange({ start: offset, reverse: true, limit: 1 })) {
      return Block.decode(key, value);
    }
    return undefined;
  }
}
