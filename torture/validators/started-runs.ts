import type { StoredAttempt } from './attempt.js';
import { parseCursor } from '../../server/events/cursor.js';

/** Times at which starts of runs were acknowledged in a lineage. */
export class StartedRuns {
  readonly #byContainer = new Map<string, { readonly offset: number; readonly at: number }[]>();

  /** @param acked calls whose events are in the lineage */
  constructor(acked: readonly StoredAttempt[]) {
    for (const { fact, answer, answeredAt: at } of acked) {
      const { namespace, container, topic } = fact;
      if (topic !== '/tasks/create' && topic !== '/tasks/start') continue;
      const key = `${namespace} ${container}`;
      const known = this.#byContainer.get(key) ?? [];
      known.push({ offset: parseCursor(answer.cursor).offset, at });
      this.#byContainer.set(key, known);
    }
  }

  /** Returns the offset of a start that lies after an offset and was acknowledged before a time. */
  after(container: string, offset: number, before: number): number | undefined {
    const known = this.#byContainer.get(container) ?? [];
    return known.find((start) => start.offset > offset && start.at < before)?.offset;
  }
}
