import type { FilterSet } from './filter.js';
import type { FieldLookup } from './matcher.js';
import { Operator } from './operator.js';
import type { Pattern } from './pattern.js';

/** The time that matching may take now. */
export interface MatchBudget {
  /** Whether a match that will probably take so long may begin. */
  admits(expectedMs: number): boolean;
  spend(ms: number): void;
}

/** Time of a comparison with a value. */
const MS_PER_SELECTOR = 0.000_04;

/** A match of costly filters that can be interrupted before each of their regular expressions. */
export class GradualMatch {
  #filter = 0;
  #selector = 0;
  /** Number of filters whose comparisons the budget has paid for. */
  #paid = 0;

  #field: FieldLookup = () => undefined;

  constructor(private readonly set: FilterSet) {}

  /** Begins with another event. */
  begin(field: FieldLookup): this {
    this.#field = field;
    this.#filter = 0;
    this.#selector = 0;
    this.#paid = 0;
    return this;
  }

  /** Returns the result, or undefined when the budget is used up: then call it again later. */
  run(budget: MatchBudget): boolean | undefined {
    const { filters } = this.set;
    for (let filter = filters[this.#filter]; filter !== undefined; filter = filters[this.#filter]) {
      const { selectors, matchers } = filter;
      if (this.#paid === this.#filter) {
        const expectedMs = selectors.length * MS_PER_SELECTOR;
        if (!budget.admits(expectedMs)) return undefined;
        budget.spend(expectedMs);
        this.#paid += 1;
      }
      let passes = true;
      while (passes && this.#selector < selectors.length) {
        const selector = selectors[this.#selector];
        if (selector?.operator === Operator.matches) {
          const { path, pattern } = selector;
          const text = this.#field(path) ?? '';
          const expectedMs = pattern.expectedMs(text);
          if (!budget.admits(expectedMs)) return undefined;
          if (pattern.isTimingDue(expectedMs)) passes = timedTest(pattern, text, budget);
          else {
            budget.spend(expectedMs);
            passes = pattern.test(text);
          }
        } else passes = matchers[this.#selector]?.(this.#field) ?? false;
        this.#selector += 1;
      }
      if (passes) return true;
      this.#filter += 1;
      this.#selector = 0;
    }
    return filters.length === 0;
  }
}

function timedTest(pattern: Pattern, text: string, budget: MatchBudget): boolean {
  const start = performance.now();
  const found = pattern.test(text);
  budget.spend(pattern.learn(text, performance.now() - start));
  return found;
}
