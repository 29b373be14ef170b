import type { Position } from '../events/cursor.js';
import type { Found, HistoryReader } from './history-reader.js';
import type { HeldBlock, ReaderMemory } from './reader-memory.js';
import { READ_LIMIT, type ReadBlock } from './shared-reads.js';

/** Reads of one subscription, each within the memory that all readers share. */
export class AdmittedReads {
  #held: HeldBlock | undefined;

  /**
   * @param isOver whether the subscription needs no more
   * @param evict ends a reader that has taken nothing while others wait for memory
   */
  constructor(
    private readonly memory: ReaderMemory,
    private readonly isOver: () => boolean,
    private readonly evict: () => void,
  ) {}

  /**
   * The next entries or gap, see `HistoryReader.read`. They count until `release`. Waits for memory
   * before it returns a large entry. Undefined once the subscription needs no more.
   */
  async read(reader: HistoryReader, after: Position): Promise<Found | undefined> {
    this.release();
    for (let atMost = READ_LIMIT.entries; ;) {
      const found = await this.#readOnce(reader, after, atMost);
      if (found === undefined || found.kind === 'gap') return found;
      // A kept exit is never large.
      if (this.#admit(found.block) || found.keptExits) return found;
      const { views, bytes } = found.block;
      // The entries before a large one need not wait for it.
      if (views.length > 1) atMost = views.length - 1;
      else await this.#waitFor(bytes);
    }
  }

  async #readOnce(
    reader: HistoryReader,
    after: Position,
    atMost: number,
  ): Promise<Found | undefined> {
    if (this.isOver()) return undefined;
    try {
      const found = await reader.readInSlice(after, atMost);
      // The entries may belong to another history now.
      return this.isOver() ? undefined : found;
    } catch (error) {
      if (this.isOver()) return undefined;
      throw error;
    }
  }

  /** The reader has taken the entries, and needs them no more. */
  release(): void {
    if (this.#held === undefined) return;
    this.memory.release(this.#held);
    this.#held = undefined;
  }

  #admit(block: ReadBlock): boolean {
    const { memory } = this;
    if (!memory.counts(block.bytes)) return true;
    if (!memory.admits(block)) return false;
    this.#held = memory.hold(block, this.evict);
    return true;
  }

  /** Holds no entry meanwhile. */
  async #waitFor(bytes: number): Promise<void> {
    while (!this.memory.hasSpaceFor(bytes) && !this.isOver()) await this.memory.change();
  }
}
