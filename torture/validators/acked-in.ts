import type { StoredAttempt } from './attempt.js';
import type { Evidence } from './evidence.js';
import type { Lineage } from './lineage.js';

/**
 * Returns the acknowledged calls whose events are certainly in a lineage. A restored copy reuses
 * offsets, so for a trimmed entry only the time of the call says which lineage it was in.
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
