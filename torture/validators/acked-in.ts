import type { StoredAttempt } from './attempt.js';
import type { Evidence } from './evidence.js';
import type { Lineage } from './lineage.js';

/**
 * The acknowledged calls whose events are in a lineage for sure. Offsets are used again when a copy of the store is put
 * back, so of a place that was trimmed only the time tells in which lineage it was.
 */
export function ackedIn(
  lineage: Lineage,
  { lineages, stored }: Pick<Evidence, 'lineages' | 'stored'>,
): StoredAttempt[] {
  const ofEpoch = lineages.filter(({ epoch }) => epoch === lineage.epoch);
  return stored.filter(({ answer, invokedAt, answeredAt }) => {
    const standing = lineage.standing(answer.cursor);
    if (standing !== 'trimmed') return standing === 'there';
    const met = ofEpoch.filter((one) => one.overlaps(invokedAt, answeredAt));
    return met.length === 1 && met[0] === lineage;
  });
}
