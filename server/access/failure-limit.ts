/** Failed attempts that an address has at once, and gets back each second. */
const BURST = 20;
const PER_SECOND = 1;
/** Addresses that are remembered. The one that failed longest ago is forgotten first. */
const MAX_ADDRESSES = 10_000;

interface Budget {
  readonly left: number;
  readonly at: number;
}

/** Limits failed proofs of identity by the address that they come from. */
export class FailureLimit {
  readonly #budgets = new Map<string, Budget>();

  /** @param now in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether the address may try again. */
  admits(address: string): boolean {
    return this.#left(address) >= 1;
  }

  /** Counts a failure. */
  count(address: string): void {
    const left = Math.max(0, this.#left(address) - 1);
    this.#budgets.delete(address);
    this.#budgets.set(address, { left, at: this.now() });
    if (this.#budgets.size <= MAX_ADDRESSES) return;
    const [oldest] = this.#budgets.keys();
    if (oldest !== undefined) this.#budgets.delete(oldest);
  }

  #left(address: string): number {
    const budget = this.#budgets.get(address);
    if (budget === undefined) return BURST;
    const seconds = (this.now() - budget.at) / 1000;
    return Math.min(BURST, budget.left + seconds * PER_SECOND);
  }
}
