import { outlasts } from '../records/fact.js';
import type { Attempt, StoredAttempt } from './attempt.js';
import type { Evidence } from './evidence.js';
import type { Lineage } from './lineage.js';
import type { Verdict, Violation } from './verdict.js';

/**
 * Every acknowledged event is in the history that acknowledged it, whatever was killed since, and
 * every spooled event reaches the history. Restoring a copy may lose only the events stored after
 * the copy was made.
 */
export function ackDurable(evidence: Evidence): Verdict {
  const { lineages, stored, attempts } = evidence;
  const spooled = attempts.filter(({ answer }) => answer.kind === 'spooled');
  return {
    name: 'AckDurable',
    scope: `${stored.length} stored and ${spooled.length} spooled, ${lineages.length} histories`,
    violations: [
      ...stored.flatMap((attempt) => lost(attempt, lineages)),
      ...neverArrived(spooled, evidence),
      ...lineages.flatMap((lineage) => notInherited(lineage, lineages)),
    ],
  };
}

function lost(attempt: StoredAttempt, lineages: readonly Lineage[]): Violation[] {
  const { text, answer, invokedAt, answeredAt, refs } = attempt;
  const found = lineages
    .filter((lineage) => lineage.overlaps(invokedAt, answeredAt))
    .some((lineage) => holds(lineage, answer.cursor, text));
  return found ? [] : [{ text: `acknowledged and not in the history: ${text}`, refs }];
}

function holds(lineage: Lineage, cursor: string, text: string): boolean {
  switch (lineage.standing(cursor)) {
    case 'trimmed':
      return true;
    case 'foreign':
      return false;
    case 'there':
      return lineage.entriesOf(text).some((entry) => entry.cursor === cursor);
  }
}

function neverArrived(spooled: readonly Attempt[], { lineages, legs }: Evidence): Violation[] {
  const delivered = new Set(
    legs.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'entry' ? [step.entry.text] : [])),
    ),
  );
  const trimmed = lineages.some(({ first }) => first > 1);
  return spooled.flatMap(({ text, refs, fact }) => {
    const arrived =
      delivered.has(text) || lineages.some((lineage) => lineage.entriesOf(text).length > 0);
    // It may have been trimmed before any reader saw it. A lasting entry is not trimmed.
    if (arrived || (trimmed && !outlasts(fact))) return [];
    return [{ text: `kept in a spool and never in any history: ${text}`, refs }];
  });
}

/** Follows the fork to the lineage that the copy was made of. */
function notInherited(child: Lineage, lineages: readonly Lineage[]): Violation[] {
  const { parent, fork } = child.line;
  const from = lineages.find(({ number }) => number === parent);
  if (!from) return [];
  return [...from.entries.values()].flatMap(({ offset, cursor, ref }) => {
    if (offset > fork || child.standing(cursor) !== 'foreign') return [];
    const text = `offset ${offset} of history ${from.number} is not in its copy, history ${child.number}`;
    return [{ text, refs: [ref, child.ref] }];
  });
}
