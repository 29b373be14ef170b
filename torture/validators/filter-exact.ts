import { selects } from '../records/selection.js';
import { ackedIn } from './acked-in.js';
import { AckedOffsets } from './acked-offsets.js';
import type { Evidence } from './evidence.js';
import type { KnownEntry } from './known-entry.js';
import type { Leg } from './leg.js';
import { missing, owed } from './owed.js';
import { throughLineages } from './through-lineages.js';
import type { Verdict, Violation } from './verdict.js';

/**
 * A reader gets exactly the entries that match its filter, evaluated here without the filter
 * language.
 */
export function filterExact(evidence: Evidence): Verdict {
  const acked = new Map(
    evidence.lineages.map((lineage) => [lineage, new AckedOffsets(ackedIn(lineage, evidence))]),
  );
  const violations = throughLineages(evidence, (leg, lineage, history) => {
    const old = acked.get(lineage)?.before(leg.begunAt)?.offset ?? 0;
    return [
      ...delivered(leg).flatMap((entry) => unwanted(leg, entry, old)),
      ...missing(leg, owed(leg, lineage, history)).map((entry) => ({
        text: `${leg.reader} did not get offset ${entry.offset}: ${entry.text}`,
        refs: [entry.ref, leg.ref],
      })),
    ];
  });
  const filtered = evidence.legs.filter(
    ({ selection }) => selection.anyOf.length > 0 || selection.container,
  );
  const scope = `${filtered.length} filtered streams of ${evidence.legs.length}`;
  return { name: 'FilterExact', scope, violations };
}

function delivered({ steps }: Leg): KnownEntry[] {
  return steps.flatMap((step) => (step.kind === 'entry' ? [step.entry] : []));
}

/** @param old highest offset that certainly existed when the leg began */
function unwanted(leg: Leg, entry: KnownEntry, old: number): Violation[] {
  const { reader, selection, origin } = leg;
  const refs = [entry.ref, leg.ref];
  const what = `${reader} got offset ${entry.offset}`;
  if (!selects(selection, entry.fact)) {
    return [{ text: `${what}, which its filter excludes: ${entry.text}`, refs }];
  }
  if (entry.offset > old || (typeof origin === 'object' && 'after' in origin)) return [];
  if (origin === 'now') return [{ text: `${what}, which was there before it began`, refs }];
  const tooOld =
    typeof origin === 'object' && entry.time !== undefined && entry.time < BigInt(origin.since);
  return tooOld ? [{ text: `${what}, which is older than the time it asked for`, refs }] : [];
}
