import type { ConsumerHold, ConsumerStore } from './consumer-store.js';

/** Entries after an offset, up to a size. */
interface HeldEntries {
  readonly after: number;
  readonly bytes: number;
}

/** Lets retention wait for consumers, and reports when it does so no longer. */
export class ConsumerHolds {
  #current: readonly ConsumerHold[] = [];
  /** The consumers whose entries were removed although they were held. */
  #exceeded = new Set<string>();

  /**
   * @param limit bytes up to which any consumer may hold entries; undefined for no limit
   * @param warn reports to the operator
   */
  constructor(
    private readonly store: Pick<ConsumerStore, 'holds'>,
    private readonly limit: number | undefined,
    private readonly warn: (text: string) => void,
  ) {}

  /** Whether retention has removed entries that the consumer holds and has not handled. */
  isExceeded(name: string): boolean {
    return this.#exceeded.has(name);
  }

  /** The holds on the history of an epoch: one for each size, from the lowest floor on. */
  async current(epoch: string): Promise<readonly HeldEntries[]> {
    const holds = await this.store.holds();
    this.#current = holds.filter(({ floor }) => floor.epoch === epoch);
    const lowest = new Map<number, number>();
    for (const hold of this.#current) {
      const bytes = this.#bytesOf(hold);
      lowest.set(bytes, Math.min(hold.floor.offset, lowest.get(bytes) ?? Infinity));
    }
    return [...lowest].map(([bytes, after]) => ({ after, bytes }));
  }

  #bytesOf({ bytes }: ConsumerHold): number {
    return Math.min(bytes, this.limit ?? Infinity);
  }

  trimmed(first: number): void {
    const exceeded = new Set<string>();
    for (const hold of this.#current) {
      const { name, floor } = hold;
      const lost = first - floor.offset - 1;
      if (lost <= 0) continue;
      exceeded.add(name);
      if (this.#exceeded.has(name)) continue;
      this.warn(
        `consumer ${name}: retention has removed ${lost} entries that it holds and has not ` +
          `handled, because they exceed its limit of ${this.#bytesOf(hold)} bytes`,
      );
    }
    this.#exceeded = exceeded;
  }
}
