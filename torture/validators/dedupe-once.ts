import type { StoredAttempt } from './attempt.js';
import type { Evidence } from './evidence.js';
import type { KnownEntry } from './known-entry.js';
import type { Leg } from './leg.js';
import type { Lineage } from './lineage.js';
import type { Verdict, Violation } from './verdict.js';

/** An envelope that is sent several times is stored once, and every answer names that entry. */
export function dedupeOnce({ lineages, legs, stored, attempts }: Evidence): Verdict {
  const sentAgain = attempts.filter(({ again }) => again);
  const duplicates = stored.filter(({ answer }) => answer.duplicate);
  return {
    name: 'DedupeOnce',
    scope: `${sentAgain.length} sent again, ${duplicates.length} answered as duplicates`,
    violations: [
      ...lineages.flatMap(storedTwice),
      ...legs.flatMap(deliveredTwice),
      ...lineages.flatMap((lineage) => answeredTwice(lineage, stored)),
    ],
  };
}

function storedTwice({ number, repeated }: Lineage): Violation[] {
  return repeated.map((entries) => ({
    text: `history ${number} has it ${entries.length} times: ${entries[0]!.text}`,
    refs: entries.map(({ ref }) => ref),
  }));
}

function deliveredTwice({ reader, steps }: Leg): Violation[] {
  const seen = new Map<string, KnownEntry>();
  return steps.flatMap((step) => {
    if (step.kind !== 'entry') return [];
    const { entry } = step;
    const before = seen.get(entry.text);
    seen.set(entry.text, entry);
    if (!before || before.cursor === entry.cursor) return [];
    const text = `${reader} got one event at offsets ${before.offset} and ${entry.offset}: ${entry.text}`;
    return [{ text, refs: [before.ref, entry.ref] }];
  });
}

/** Finds two answers for one event that name different entries or both call it new. */
function answeredTwice(lineage: Lineage, stored: readonly StoredAttempt[]): Violation[] {
  const answered = new Map<string, StoredAttempt>();
  return stored.flatMap((attempt) => {
    // A trimmed entry cannot be assigned to a lineage.
    if (lineage.standing(attempt.answer.cursor) !== 'there') return [];
    const before = answered.get(attempt.text);
    answered.set(attempt.text, before ?? attempt);
    if (!before) return [];
    const samePosition = before.answer.cursor === attempt.answer.cursor;
    if (samePosition && (before.answer.duplicate || attempt.answer.duplicate)) return [];
    const text = samePosition ? 'was called new twice' : 'was given two positions';
    return [{ text: `${attempt.text} ${text}`, refs: [...before.refs, ...attempt.refs] }];
  });
}
