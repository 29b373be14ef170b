/**
 * Time for regular expressions while entries are dispatched, in each iteration of the event loop.
 * Subscriptions that have used little of it themselves may exceed it, up to a limit.
 */
const MS_PER_ITERATION = { usual: 4, most: 16 };
/** Each subscription may use so much of it. */
const MS_PER_SUBSCRIPTION = { little: 0.25, most: 0.5 };
/** A regular expression that takes longer never runs while entries are dispatched. */
const MS_PER_MATCH = 0.25;

/** The time that costly filters of all subscriptions may take in this iteration. */
export class IterationBudget {
  #spent = 0;
  #isRenewing = false;
  #iteration = 0;

  get spent(): number {
    return this.#spent;
  }

  /** Counts the iterations in which something was spent. */
  get iteration(): number {
    return this.#iteration;
  }

  spend(ms: number): void {
    this.#spent += ms;
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    setImmediate(this.#renew);
  }

  readonly #renew = (): void => {
    this.#isRenewing = false;
    this.#spent = 0;
    this.#iteration += 1;
  };
}

/** One subscription's share of the iteration budget. */
export class LiveShare {
  #spent = 0;
  #iteration = 0;

  constructor(private readonly budget: IterationBudget) {}

  /** Whether a match that will probably take so long may begin. */
  admits(expectedMs: number): boolean {
    const { iteration, spent } = this.budget;
    if (this.#iteration !== iteration) {
      this.#iteration = iteration;
      this.#spent = 0;
    }
    if (expectedMs > MS_PER_MATCH || this.#spent >= MS_PER_SUBSCRIPTION.most) return false;
    const hasUsedLittle = this.#spent < MS_PER_SUBSCRIPTION.little;
    return spent < (hasUsedLittle ? MS_PER_ITERATION.most : MS_PER_ITERATION.usual);
  }

  spend(ms: number): void {
    this.#spent += ms;
    this.budget.spend(ms);
  }
}
