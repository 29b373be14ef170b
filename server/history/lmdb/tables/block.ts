import { crc32 } from 'node:zlib';
import type { Entry } from '../../store.js';
import { decodeEntryAt } from './row.js';

/*
 * A block holds the rows of consecutive entries as one value of the table entries:
 *
 *     check u32 · count u32 · number f64 · for each entry, the end of its row u32 · the rows
 *
 * `check` is the CRC-32 of the bytes between it and the rows, each of which has a check of its own.
 * `number` counts the blocks of a history, so that a missing block is noticed.
 */
const CHECK = 0;
const COUNT = 4;
const NUMBER = 8;
const HEADER_BYTES = 16;
const END_BYTES = 4;

/** Enough entries to make sequential reads cheap, few enough to find a single entry quickly. */
const MAX_BLOCK_ENTRIES = 32;
/** Limit of the rows in one block; a larger row has a block of its own. */
export const MAX_BLOCK_BYTES = 16 * 1024;

/** Divides rows into groups of consecutive ones that fit into one block each. */
export function* blocksOf<Row extends { readonly offset: number; readonly stored: Buffer }>(
  rows: Iterable<Row>,
): Iterable<[Row, ...Row[]]> {
  let block: Row[] = [];
  let next = 0;
  let bytes = 0;
  for (const row of rows) {
    const { length } = row.stored;
    const follows = block.length === 0 || row.offset === next;
    if (!follows || isFull(block.length, bytes + length)) {
      yield block as [Row, ...Row[]];
      block = [];
      bytes = 0;
    }
    block.push(row);
    next = row.offset + 1;
    bytes += length;
  }
  if (block.length > 0) yield block as [Row, ...Row[]];
}

function isFull(entries: number, bytes: number): boolean {
  return entries >= MAX_BLOCK_ENTRIES || (entries > 0 && bytes > MAX_BLOCK_BYTES);
}

/** Length in bytes of the block that holds these rows. */
export function blockBytes(rows: readonly Buffer[]): number {
  return rows.reduce((sum, row) => sum + row.length, HEADER_BYTES + rows.length * END_BYTES);
}

/** @param bytes the buffer to write into, `blockBytes` long */
export function encodeBlock(
  number: number,
  rows: readonly Buffer[],
  bytes: Buffer = Buffer.allocUnsafe(blockBytes(rows)),
): Buffer {
  const begin = HEADER_BYTES + rows.length * END_BYTES;
  bytes.writeUInt32BE(rows.length, COUNT);
  bytes.writeDoubleBE(number, NUMBER);
  let end = begin;
  rows.forEach((row, index) => {
    bytes.set(row, end);
    end += row.length;
    bytes.writeUInt32BE(end, HEADER_BYTES + index * END_BYTES);
  });
  bytes.writeUInt32BE(crc32(bytes.subarray(COUNT, begin)), CHECK);
  return bytes;
}

/** A decoded block. Its rows are views of the stored bytes. */
export class Block {
  /** Its number in the sequence of the history's blocks. */
  readonly number: number;
  /** The offset after its last entry. */
  readonly end: number;
  /** View of its bytes, once an entry is decoded. */
  #view: DataView | undefined;

  private constructor(
    /** The offset of its first entry. */
    readonly first: number,
    private readonly bytes: Buffer,
    private readonly count: number,
  ) {
    this.number = bytes.readDoubleBE(NUMBER);
    this.end = first + count;
  }

  /** Returns undefined when damage makes the limits of its rows uncertain. */
  static decode(first: number, bytes: Buffer): Block | undefined {
    if (bytes.length < HEADER_BYTES) return undefined;
    const count = bytes.readUInt32BE(COUNT);
    const begin = HEADER_BYTES + count * END_BYTES;
    if (count === 0 || begin > bytes.length) return undefined;
    const isWhole = crc32(bytes.subarray(COUNT, begin)) === bytes.readUInt32BE(CHECK);
    return isWhole ? new Block(first, bytes, count) : undefined;
  }

  /** A view of one row; the offset must be in this block. */
  row(offset: number): Buffer {
    return this.bytes.subarray(this.#begin(offset), this.#end(offset));
  }

  /** Decodes one row; the offset must be in this block. Undefined when the row is damaged. */
  entry(offset: number): Entry | undefined {
    const { bytes } = this;
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return decodeEntryAt(offset, bytes, this.#view, this.#begin(offset), this.#end(offset));
  }

  /** Encodes a block with the rows from an offset on. */
  from(offset: number): Buffer {
    const rows = Array.from({ length: this.end - offset }, (_, i) => this.row(offset + i));
    return encodeBlock(this.number, rows);
  }

  #begin(offset: number): number {
    return offset === this.first ? HEADER_BYTES + this.count * END_BYTES : this.#end(offset - 1);
  }

  #end(offset: number): number {
    return this.bytes.readUInt32BE(HEADER_BYTES + (offset - this.first) * END_BYTES);
  }
}
