/** Limit of the bytes that all subscriptions together hold for readers that do not take them. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Reads are small from here on, so that readers of small entries never wait for memory. */
const SMALL_READS_FROM = MAX_BYTES / 2;
/** Blocks up to this size are not counted: a stream's window holds as much. */
const MAX_FREE_BYTES = 128 * 1024;
/** Time that a reader has to take a block while others wait for memory. */
const EVICTION_MS = 30_000;
/** Longest time until a waiting reader looks again. */
const WAIT_MS = 1000;

/** Entries of one read, as far as the memory counts them. */
export interface CountedBlock {
  readonly bytes: number;
}

/** A block that one subscription holds until its reader asks for more. */
export interface HeldBlock {
  readonly block: CountedBlock;
  readonly since: number;
  /** Ends a reader that has taken nothing for too long. */
  readonly evict: () => void;
}

/**
 * The memory for entries that were read from the store and that readers have not taken. Readers of
 * the same entries share a block, which counts once. A reader of a large entry waits, without the
 * entry, until others have taken theirs.
 */
export class ReaderMemory {
  #bytes = 0;
  readonly #readers = new Map<CountedBlock, number>();
  /** In the order of time. */
  readonly #held = new Set<HeldBlock>();
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Whether reads of the store should be small. */
  get isScarce(): boolean {
    return this.#bytes >= SMALL_READS_FROM;
  }

  /** Whether a block of this size counts at all. */
  counts(bytes: number): boolean {
    return bytes > MAX_FREE_BYTES;
  }

  /** Whether one more block can be held now. One always can, however large it is. */
  hasSpaceFor(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= MAX_BYTES;
  }

  /** Whether a block can be held now. A block that another reader holds needs no more memory. */
  admits(block: CountedBlock): boolean {
    return this.#readers.has(block) || this.hasSpaceFor(block.bytes);
  }

  /** Counts a block until `release`. */
  hold(block: CountedBlock, evict: () => void): HeldBlock {
    const readers = this.#readers.get(block) ?? 0;
    this.#readers.set(block, readers + 1);
    if (readers === 0) this.#bytes += block.bytes;
    const held = { block, since: performance.now(), evict };
    this.#held.add(held);
    return held;
  }

  release(held: HeldBlock): void {
    if (!this.#held.delete(held)) return;
    const { block } = held;
    const readers = (this.#readers.get(block) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(block, readers);
      return;
    }
    this.#readers.delete(block);
    this.#bytes -= block.bytes;
    if (this.#waiting.length > 0) this.#wakeAll();
  }

  /** Resolves when memory was released, and after a second at the latest. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#timer ??= setTimeout(() => {
        this.#evictOldest();
        this.#wakeAll();
      }, WAIT_MS).unref();
    });
  }

  #wakeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #evictOldest(): void {
    const before = performance.now() - EVICTION_MS;
    for (const { since, evict } of [...this.#held]) {
      if (since > before) return;
      evict();
    }
  }
}
