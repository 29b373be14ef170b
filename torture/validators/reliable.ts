import type { Evidence } from './evidence.js';
import { missing, owed } from './owed.js';
import { throughLineages } from './through-lineages.js';
import type { Verdict } from './verdict.js';

/** Every reader gets every acknowledged event that matches its filter and lies within its leg. */
export function reliable(evidence: Evidence): Verdict {
  const { legs, stored } = evidence;
  const acked = new Map(stored.map((attempt) => [attempt.answer.cursor, attempt]));
  const violations = throughLineages(evidence, (leg, lineage, history) => {
    const ackedHistory = history.filter(({ cursor }) => acked.has(cursor));
    return missing(leg, owed(leg, lineage, ackedHistory)).map(({ offset, text, cursor, ref }) => ({
      text: `${leg.reader} went past offset ${offset} without getting it: ${text}`,
      refs: [...acked.get(cursor)!.refs, ref, leg.ref],
    }));
  });
  return {
    name: 'Reliable',
    scope: `${legs.length} streams, ${stored.length} acknowledged publishes`,
    violations,
  };
}
