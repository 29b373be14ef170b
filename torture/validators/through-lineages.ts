import { lineagesOfLeg } from './evidence.js';
import type { Evidence } from './evidence.js';
import { knownHistory } from './known-history.js';
import type { KnownEntry } from './known-entry.js';
import type { Leg } from './leg.js';
import type { Lineage } from './lineage.js';
import type { Violation } from './verdict.js';

/** Returns the violations of a leg if it was read from a lineage with these known entries. */
export type LegCheck = (
  leg: Leg,
  lineage: Lineage,
  history: readonly KnownEntry[],
) => readonly Violation[];

/** Checks each leg. A leg that several lineages explain is valid if it is valid for any of them. */
export function throughLineages(evidence: Evidence, check: LegCheck): Violation[] {
  const histories = new Map(
    evidence.lineages.map((lineage) => [lineage, knownHistory(evidence, lineage)]),
  );
  return evidence.legs.flatMap((leg) => {
    const judged = lineagesOfLeg(evidence, leg).map((lineage) =>
      check(leg, lineage, histories.get(lineage) ?? []),
    );
    return judged.reduce(
      (least, one) => (one.length < least.length ? one : least),
      judged[0] ?? [],
    );
  });
}
