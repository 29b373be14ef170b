import type { HeaderField } from '../header-field.js';
import { DEFAULT_HEADER_TABLE_SIZE } from '../protocol.js';
import type { HeaderBlock } from '../response.js';
import { FIELD_OVERHEAD } from './field.js';
import { putInteger } from './integer.js';
import { staticIndexOf, staticIndexOfName } from './static-index.js';
import { FIRST_DYNAMIC_INDEX } from './static-table.js';

/** Bytes of the client's table that are used: responses have few different fields. */
const MAX_TABLE_BYTES = 2048;
const MAX_READY_BLOCKS = 16;

interface ReadyBlock {
  readonly block: HeaderBlock;
  readonly generation: number;
  readonly bytes: Uint8Array;
}

/** Encodes the header blocks of responses for one client, in the order in which they are sent. */
export class HpackEncoder {
  /** Changes whenever an index may refer to another field than before. */
  generation = 0;
  /** Fields in the client's table, the oldest first. They are never evicted, only all cleared. */
  #table: HeaderField[] = [];
  #tableBytes = 0;
  #maxTableBytes = MAX_TABLE_BYTES;
  /** A size of the client's table that the next block has to confirm. */
  #sizeUpdate: number | undefined;
  readonly #ready: ReadyBlock[] = [];
  #nextReady = 0;

  /** The client changed the size of its table (SETTINGS_HEADER_TABLE_SIZE). */
  resize(bytes: number): void {
    const size = Math.min(bytes, DEFAULT_HEADER_TABLE_SIZE);
    this.#sizeUpdate = size;
    this.#maxTableBytes = Math.min(size, MAX_TABLE_BYTES);
    this.#table = [];
    this.#tableBytes = 0;
    this.generation += 1;
  }

  /** The block would be encoded the same way again, whatever is encoded before. */
  isStable(block: HeaderBlock): boolean {
    return this.#sizeUpdate === undefined && this.#findReady(block) !== undefined;
  }

  /** Writes a block and returns the position after it. */
  encode(block: HeaderBlock, target: Buffer, begin: number): number {
    let at = this.#putSizeUpdate(target, begin);
    if (!block.repeated) return this.#putFields(block, target, at);
    const ready = this.#findReady(block);
    if (ready !== undefined) {
      target.set(ready.bytes, at);
      return at + ready.bytes.length;
    }
    const { generation } = this;
    const fieldsBegin = at;
    at = this.#putFields(block, target, at);
    // A block that added fields is shorter the next time.
    if (this.generation === generation && this.#isInTables(block)) {
      const bytes = Uint8Array.prototype.slice.call(target, fieldsBegin, at);
      this.#ready[this.#nextReady] = { block, generation, bytes };
      this.#nextReady = (this.#nextReady + 1) % MAX_READY_BLOCKS;
    }
    return at;
  }

  #findReady(block: HeaderBlock): ReadyBlock | undefined {
    for (const ready of this.#ready) {
      if (ready.block === block && ready.generation === this.generation) return ready;
    }
    return undefined;
  }

  #isInTables(block: HeaderBlock): boolean {
    return block.fields.every((field) => this.#indexOf(field) > 0);
  }

  /** Clears the table first, because entries beyond the new size are evicted in between. */
  #putSizeUpdate(target: Buffer, begin: number): number {
    if (this.#sizeUpdate === undefined) return begin;
    const at = putInteger(target, begin, 0x20, 5, 0);
    const size = this.#sizeUpdate;
    this.#sizeUpdate = undefined;
    return putInteger(target, at, 0x20, 5, size);
  }

  #putFields(block: HeaderBlock, target: Buffer, begin: number): number {
    let at = begin;
    for (const field of block.fields) at = this.#putField(field, block.repeated, target, at);
    return at;
  }

  #putField(field: HeaderField, repeated: boolean, target: Buffer, begin: number): number {
    const index = this.#indexOf(field);
    if (index > 0) return putInteger(target, begin, 0x80, 7, index);
    const isAdded = repeated && this.#add(field);
    const nameIndex = staticIndexOfName(field.name);
    let at = putInteger(target, begin, isAdded ? 0x40 : 0x00, isAdded ? 6 : 4, nameIndex);
    if (nameIndex === 0) at = putText(target, at, field.name);
    return putText(target, at, field.value);
  }

  /** Index in either table; 0 if the field is in none. */
  #indexOf(field: HeaderField): number {
    const table = this.#table;
    for (let i = table.length - 1; i >= 0; i--) {
      const added = table[i];
      if (added?.name === field.name && added.value === field.value) {
        return FIRST_DYNAMIC_INDEX + table.length - 1 - i;
      }
    }
    return staticIndexOf(field);
  }

  #add(field: HeaderField): boolean {
    const bytes = field.name.length + field.value.length + FIELD_OVERHEAD;
    if (this.#tableBytes + bytes > this.#maxTableBytes) return false;
    this.#table.push(field);
    this.#tableBytes += bytes;
    this.generation += 1;
    return true;
  }
}

function putText(target: Buffer, begin: number, text: string): number {
  const at = putInteger(target, begin, 0x00, 7, text.length);
  return at + target.write(text, at, 'latin1');
}
