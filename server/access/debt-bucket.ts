const SECOND_MS = 1000;

/**
 * A rate per second. A full bucket holds what one second gives. Amounts are taken whole and may
 * leave a debt, so that large ones pass and the rate still holds over time.
 */
export class DebtBucket {
  #level: number;
  #filledAt: number;

  /** @param now in milliseconds */
  constructor(
    readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.#level = perSecond;
    this.#filledAt = now();
  }

  /** Milliseconds until something may be taken; 0 for now. */
  get waitMs(): number {
    this.#fill();
    if (this.#level > 0) return 0;
    return Math.max(1, Math.ceil((-this.#level / this.perSecond) * SECOND_MS));
  }

  /** Whether nothing was taken for so long that the bucket is full. */
  get isFull(): boolean {
    this.#fill();
    return this.#level >= this.perSecond;
  }

  take(amount: number): void {
    this.#fill();
    this.#level -= amount;
  }

  #fill(): void {
    const now = this.now();
    const gained = ((now - this.#filledAt) / SECOND_MS) * this.perSecond;
    this.#level = Math.min(this.perSecond, this.#level + gained);
    this.#filledAt = now;
  }
}
