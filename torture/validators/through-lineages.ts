import { lineagesOfLeg } from './evidence.js';
import type { Evidence } from './evidence.js';
import { knownHistory } from './known-history.js';
import type { KnownEntry } from './known-entry.js';
import type { Leg } from './leg.js';
import type { Lineage } from './lineage.js';
import type { Violation } from './verdict.js';

/** What is wrong with a leg if it was read from this lineage, whose known entries are given. */
export type LegCheck = (
  leg: Leg,
  lineage: Lineage,
  history: readonly KnownEntry[],
) => readonly Violation[];

/** Checks each leg. One that several lineages could explain is right when it is right for any of them. */
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
