import { compressionError } from '../connection-error.js';
import { HeaderList } from '../header-list.js';
import { DEFAULT_HEADER_TABLE_SIZE } from '../protocol.js';
import { BlockCache } from './block-cache.js';
import { DynamicTable } from './dynamic-table.js';
import { Field } from './field.js';
import type { HuffmanDecoder } from './huffman-decoder.js';
import { FIRST_DYNAMIC_INDEX, STATIC_TABLE } from './static-table.js';

/** Shift of the last byte that an integer may have: 28 bits are more than any text or table has. */
const MAX_INTEGER_SHIFT = 21;

/** Limits of one header list. */
export interface HeaderListLimits {
  readonly maxHeaderListSize: number;
  readonly maxHeaderFields: number;
}

/** Decodes the header blocks of one client, in the order in which it sent them (RFC 7541). */
export class HpackDecoder {
  readonly #table = new DynamicTable(DEFAULT_HEADER_TABLE_SIZE);
  readonly #cache = new BlockCache();
  #at = 0;

  constructor(
    private readonly limits: HeaderListLimits,
    private readonly huffman: HuffmanDecoder,
  ) {}

  /**
   * Decodes a whole block. A list that exceeds a limit is marked so and has no fields, but the
   * table is as the client expects it. Throws COMPRESSION_ERROR.
   */
  decode(block: Buffer, begin: number, end: number): HeaderList {
    const { generation } = this.#table;
    const cached = this.#cache.find(block, begin, end, generation);
    if (cached !== undefined) return cached;
    const list = this.#decode(block, begin, end);
    if (this.#table.generation === generation) {
      this.#cache.add(block, begin, end, generation, list);
    }
    return list;
  }

  #decode(block: Buffer, begin: number, end: number): HeaderList {
    const { maxHeaderListSize, maxHeaderFields } = this.limits;
    const fields: Field[] = [];
    let size = 0;
    this.#at = begin;
    this.#readSizeUpdates(block, end);
    while (this.#at < end) {
      const field = this.#readField(block, end);
      size += field.size;
      if (size <= maxHeaderListSize && fields.length < maxHeaderFields) fields.push(field);
      else size = Infinity;
    }
    return size === Infinity ? HeaderList.tooLarge() : new HeaderList(fields);
  }

  /** Changes of the table's size begin a block (RFC 7541, section 4.2). */
  #readSizeUpdates(block: Buffer, end: number): void {
    while (this.#at < end && ((block[this.#at] ?? 0) & 0xe0) === 0x20) {
      const size = this.#readInteger(block, end, 5);
      if (size > DEFAULT_HEADER_TABLE_SIZE) {
        throw compressionError(`dynamic table of ${size} bytes, expected at most 4096`);
      }
      this.#table.resize(size);
    }
  }

  #readField(block: Buffer, end: number): Field {
    const byte = block[this.#at] ?? 0;
    if (byte >= 0x80) return this.#field(this.#readInteger(block, end, 7));
    if (byte >= 0x40) {
      const field = this.#readLiteral(block, end, 6);
      this.#table.add(field);
      return field;
    }
    if (byte >= 0x20) throw compressionError('dynamic table size update after a field');
    return this.#readLiteral(block, end, 4);
  }

  #field(index: number): Field {
    const field =
      index < FIRST_DYNAMIC_INDEX
        ? STATIC_TABLE[index]
        : this.#table.get(index - FIRST_DYNAMIC_INDEX);
    if (field === undefined) throw compressionError(`no field has index ${index}`);
    return field;
  }

  #readLiteral(block: Buffer, end: number, prefixBits: number): Field {
    const index = this.#readInteger(block, end, prefixBits);
    if (index === 0) {
      const name = this.#readText(block, end);
      return new Field(name, this.#readText(block, end));
    }
    const { name, nameKind } = this.#field(index);
    return new Field(name, this.#readText(block, end), nameKind);
  }

  #readText(block: Buffer, end: number): string {
    if (this.#at >= end) throw compressionError('header block ends before a text');
    const isHuffman = (block[this.#at] ?? 0) >= 0x80;
    const length = this.#readInteger(block, end, 7);
    const begin = this.#at;
    if (length > end - begin) throw compressionError('text is longer than its header block');
    this.#at = begin + length;
    if (!isHuffman) return block.toString('latin1', begin, this.#at);
    const text = this.huffman.decode(block, begin, this.#at);
    if (text === undefined) throw compressionError('text is not in the Huffman code');
    return text;
  }

  #readInteger(block: Buffer, end: number, prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = (block[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= MAX_INTEGER_SHIFT; shift += 7) {
      if (this.#at >= end) throw compressionError('header block ends within an integer');
      const byte = block[this.#at++] ?? 0;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw compressionError('integer is too large');
  }
}
