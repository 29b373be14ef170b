import { parseCursor } from '../../server/events/cursor.js';
import { ackedIn } from './acked-in.js';
import { AckedOffsets } from './acked-offsets.js';
import type { StoredAttempt } from './attempt.js';
import type { Evidence } from './evidence.js';
import type { KnownEntry } from './known-entry.js';
import type { Leg } from './leg.js';
import type { Lineage } from './lineage.js';
import type { Verdict, Violation } from './verdict.js';

/**
 * Offsets rise in every stream and in history, which has no hole. They also follow time: an event
 * published after another was acknowledged has a higher offset, and so have later calls of one
 * process.
 */
export function ordered(evidence: Evidence): Verdict {
  const { legs, lineages, stored } = evidence;
  const violations = [
    ...legs.flatMap(fallsInLeg),
    ...lineages.flatMap(holesIn),
    ...lineages.flatMap((lineage) => {
      const acked = ackedIn(lineage, evidence);
      return [...overtaken(acked), ...shuffled(acked)];
    }),
  ];
  const scope = `${legs.length} streams, ${lineages.length} histories, ${stored.length} acknowledged publishes`;
  return { name: 'Ordered', scope, violations };
}

function fallsInLeg({ reader, steps }: Leg): Violation[] {
  const entries = steps.flatMap((step) => (step.kind === 'entry' ? [step] : []));
  return [true, false].flatMap((kept) => {
    const own = entries.filter(({ keptExit }) => keptExit === kept).map(({ entry }) => entry);
    return falls(own).map(([before, after]) => ({
      text: `${reader} got offset ${after.offset} after ${before.offset}`,
      refs: [before.ref, after.ref],
    }));
  });
}

function falls(entries: readonly KnownEntry[]): [KnownEntry, KnownEntry][] {
  return entries.flatMap((after, index): [KnownEntry, KnownEntry][] => {
    const before = entries[index - 1];
    return before && before.offset >= after.offset ? [[before, after]] : [];
  });
}

function holesIn({ number, body }: Lineage): Violation[] {
  return body.flatMap((after, index) => {
    const before = body[index - 1];
    if (!before || before.offset + 1 === after.offset) return [];
    const text = `history ${number}: offset ${after.offset} follows ${before.offset}`;
    return [{ text, refs: [before.ref, after.ref] }];
  });
}

/** Finds events acknowledged before a call was made and yet stored after its event. */
function overtaken(acked: readonly StoredAttempt[]): Violation[] {
  const offsets = new AckedOffsets(acked);
  return firstSent(acked).flatMap((attempt) => {
    const earlier = offsets.before(attempt.invokedAt);
    const { offset } = parseCursor(attempt.answer.cursor);
    if (!earlier || earlier.offset < offset) return [];
    const text = `offset ${offset} was given after ${earlier.offset} had been acknowledged`;
    return [{ text, refs: [...earlier.attempt.refs, ...attempt.refs] }];
  });
}

/** Finds successive calls of one process that were stored in the opposite order. */
function shuffled(acked: readonly StoredAttempt[]): Violation[] {
  const highest = new Map<string, StoredAttempt>();
  return firstSent(acked).flatMap((attempt) => {
    const process = `${attempt.publisher} ${attempt.process}`;
    const before = highest.get(process);
    if (!before || offsetOf(before) < offsetOf(attempt)) {
      highest.set(process, attempt);
      return [];
    }
    const text = `${attempt.publisher}: call ${attempt.n} was stored before call ${before.n}`;
    return [{ text, refs: [...before.refs, ...attempt.refs] }];
  });
}

/** Returns the calls that stored their events, in order, without repeated ones. */
function firstSent(acked: readonly StoredAttempt[]): StoredAttempt[] {
  return acked.filter(({ again, answer }) => !again && !answer.duplicate);
}

function offsetOf({ answer }: StoredAttempt): number {
  return parseCursor(answer.cursor).offset;
}
