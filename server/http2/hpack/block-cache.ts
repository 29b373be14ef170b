import type { HeaderList } from '../header-list.js';

interface CachedBlock {
  readonly generation: number;
  readonly bytes: Uint8Array;
  readonly list: HeaderList;
}

const MAX_BLOCKS = 4;
const MAX_BLOCK_BYTES = 256;

/**
 * Header lists of recent blocks. The same bytes mean the same list as long as the dynamic table is
 * the same, and most clients repeat few lists.
 */
export class BlockCache {
  readonly #blocks: CachedBlock[] = [];
  #next = 0;

  find(block: Buffer, begin: number, end: number, generation: number): HeaderList | undefined {
    for (const cached of this.#blocks) {
      if (cached.generation === generation && isEqual(cached.bytes, block, begin, end)) {
        return cached.list;
      }
    }
    return undefined;
  }

  add(block: Buffer, begin: number, end: number, generation: number, list: HeaderList): void {
    if (end - begin > MAX_BLOCK_BYTES) return;
    const bytes = Uint8Array.prototype.slice.call(block, begin, end);
    this.#blocks[this.#next] = { generation, bytes, list };
    this.#next = (this.#next + 1) % MAX_BLOCKS;
  }
}

/** Lists that differ do so mostly at their end: gRPC's clients send a call's metadata last. */
function isEqual(bytes: Uint8Array, block: Buffer, begin: number, end: number): boolean {
  if (bytes.length !== end - begin) return false;
  for (let i = bytes.length - 1; i >= 0; i--) {
    if (bytes[i] !== block[begin + i]) return false;
  }
  return true;
}
