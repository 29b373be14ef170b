import { crc32 } from 'node:zlib';

/*
 * Entries that follow each other, as one row of the table entries:
 *
 *     check u32 · count u32 · number f64 · for each entry where its row ends u32 · the rows
 *
 * `check` is the CRC-32 of what stands between it and the rows, each of which has a check of its own. `number` counts the chunks of a
 * history, so that one which is missing is noticed.
 */
const CHECK = 0;
const COUNT = 4;
const NUMBER = 8;
const HEADER_BYTES = 16;
const END_BYTES = 4;

/** Limits of what goes into one: enough that it is cheap to read them all, and little enough to look for one. */
const MAX_BLOCK_ENTRIES = 32;
/** A single larger row goes alone. */
export const MAX_BLOCK_BYTES = 16 * 1024;

/** Parts rows into as many as go into a chunk each. */
export function* blocksOf<Row extends { readonly stored: Buffer }>(
  rows: readonly Row[],
): Iterable<[Row, ...Row[]]> {
  let block: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (isFull(block.length, bytes + row.stored.length)) {
      yield block as [Row, ...Row[]];
      block = [];
      bytes = 0;
    }
    block.push(row);
    bytes += row.stored.length;
  }
  if (block.length > 0) yield block as [Row, ...Row[]];
}

function isFull(entries: number, bytes: number): boolean {
  return entries >= MAX_BLOCK_ENTRIES || (entries > 0 && bytes > MAX_BLOCK_BYTES);
}

/** What a chunk of these rows takes. */
export function blockBytes(rows: readonly Buffer[]): number {
  return rows.reduce((sum, row) => sum + row.length, HEADER_BYTES + rows.length * END_BYTES);
}

export function encodeBlock(number: number, rows: readonly Buffer[]): Buffer {
  const begin = HEADER_BYTES + rows.length * END_BYTES;
  const bytes = Buffer.allocUnsafe(blockBytes(rows));
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

/** A chunk as it is stored. */
export class Block {
  /** See above. */
  readonly number: number;
  /** The offset after its last entry. */
  readonly end: number;

  private constructor(
    /** The offset of its first entry. */
    readonly first: number,
    private readonly bytes: Buffer,
    private readonly count: number,
  ) {
    this.number = bytes.readDoubleBE(NUMBER);
    this.end = first + count;
  }

  /** Undefined when it is damaged so that its rows cannot be told apart. */
  static decode(first: number, bytes: Buffer): Block | undefined {
    if (bytes.length < HEADER_BYTES) return undefined;
    const count = bytes.readUInt32BE(COUNT);
    const begin = HEADER_BYTES + count * END_BYTES;
    if (count === 0 || begin > bytes.length) return undefined;
    const isWhole = crc32(bytes.subarray(COUNT, begin)) === bytes.readUInt32BE(CHECK);
    return isWhole ? new Block(first, bytes, count) : undefined;
  }

  /** A part of its bytes; the offset must be in it. */
  row(offset: number): Buffer {
    const index = offset - this.first;
    const begin = index === 0 ? HEADER_BYTES + this.count * END_BYTES : this.#end(index - 1);
    return this.bytes.subarray(begin, this.#end(index));
  }

  /** The encoded chunk with what it has from an offset on. */
  from(offset: number): Buffer {
    const rows = Array.from({ length: this.end - offset }, (_, i) => this.row(offset + i));
    return encodeBlock(this.number, rows);
  }

  #end(index: number): number {
    return this.bytes.readUInt32BE(HEADER_BYTES + index * END_BYTES);
  }
}
