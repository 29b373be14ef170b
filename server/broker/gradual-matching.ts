import { LiveShare, type IterationBudget } from './iteration-budget.js';
import type { SelectionSlices } from './selection-slices.js';
import type { DeliveredView, GradualMatches, ViewType } from './view-type.js';

/** Limits of the matches that are done while entries are dispatched, for all subscriptions. */
export interface LiveMatching {
  readonly budget: IterationBudget;
  /** Logs filters that exceed the budget, given their beginning. */
  readonly report: (filters: string) => void;
}

/** Matches a costly filter within the budgets. */
export class GradualMatching<View> {
  readonly #share: LiveShare;
  #isReported = false;

  constructor(
    private readonly matches: GradualMatches<View>,
    private readonly live: LiveMatching,
  ) {
    this.#share = new LiveShare(live.budget);
  }

  /**
   * Matches while other subscriptions wait for the same view. Returns undefined when that would
   * take too long.
   */
  matchLive(view: View): boolean | undefined {
    const result = this.matches.begin(view).run(this.#share);
    if (result === undefined && !this.#isReported) {
      this.#isReported = true;
      this.live.report(this.matches.text);
    }
    return result;
  }

  /** Returns a promise only if one slice is not enough. */
  matchInSlices(view: View, slices: SelectionSlices): boolean | Promise<boolean> {
    const match = this.matches.begin(view);
    return match.run(slices.schedule) ?? this.#continue(match, slices);
  }

  async #continue(
    match: ReturnType<GradualMatches<View>['begin']>,
    slices: SelectionSlices,
  ): Promise<boolean> {
    for (;;) {
      await slices.pause();
      const result = match.run(slices.schedule);
      if (result !== undefined) return result;
    }
  }
}

/** Returns undefined for a filter that needs no budget. */
export function gradualMatching<View extends DeliveredView, Filter>(
  type: ViewType<View, Filter>,
  filter: Filter,
  live: LiveMatching,
): GradualMatching<View> | undefined {
  const matches = type.gradualMatches?.(filter);
  return matches && new GradualMatching(matches, live);
}
