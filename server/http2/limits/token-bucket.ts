/** Allows something so many times at once, and so many times per second in the long run. */
export class TokenBucket {
  #tokens: number;
  #refilledAt = performance.now();

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
  ) {
    this.#tokens = burst;
  }

  /** Takes a token. Returns false if there is none. */
  take(): boolean {
    if (this.#tokens < 1) this.#refill();
    this.#tokens -= 1;
    return this.#tokens >= 0;
  }

  #refill(): void {
    const now = performance.now();
    const seconds = (now - this.#refilledAt) / 1000;
    this.#tokens = Math.min(this.burst, this.#tokens + seconds * this.perSecond);
    this.#refilledAt = now;
  }
}
