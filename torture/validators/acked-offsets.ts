import { parseCursor } from '../../server/events/cursor.js';
import type { StoredAttempt } from './attempt.js';

/** Highest offset of a lineage that its publishers knew at a given time. */
export class AckedOffsets {
  readonly #times: number[] = [];
  /** The attempt with the highest offset at each of the times. */
  readonly #highest: { readonly offset: number; readonly attempt: StoredAttempt }[] = [];

  /** @param acked calls whose events are in the lineage */
  constructor(acked: readonly StoredAttempt[]) {
    for (const attempt of [...acked].sort((a, b) => a.answeredAt - b.answeredAt)) {
      const { offset } = parseCursor(attempt.answer.cursor);
      if (offset <= (this.#highest.at(-1)?.offset ?? 0)) continue;
      this.#times.push(attempt.answeredAt);
      this.#highest.push({ offset, attempt });
    }
  }

  /** Returns the newest entry acknowledged before a time. */
  before(at: number): { readonly offset: number; readonly attempt: StoredAttempt } | undefined {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return this.#highest[low - 1];
  }
}
