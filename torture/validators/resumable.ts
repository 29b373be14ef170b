import { parseCursor } from '../../server/events/cursor.js';
import type { Evidence } from './evidence.js';
import { offsetOf, placed, refOf } from './leg.js';
import type { Leg } from './leg.js';
import type { Verdict, Violation } from './verdict.js';

/**
 * A stream that is killed, cut and resumed at random is complete: it has every offset up to the
 * end.
 */
export function resumable(evidence: Evidence): Verdict {
  const { legs, lastLegs } = evidence;
  const resumes = legs.reduce((sum, leg) => sum + leg.resumes, 0);
  const moves = legs.reduce((sum, leg) => sum + leg.moves, 0);
  return {
    name: 'Resumable',
    scope: `${legs.length} streams, taken up again ${resumes} times, ${moves} of them at another broker`,
    violations: [
      ...legs.filter(takesEverything).flatMap(holesIn),
      ...lastLegs.flatMap((leg) => unfinished(leg, evidence)),
    ],
  };
}

function takesEverything({ selection, origin }: Leg): boolean {
  const leavesOut = typeof origin === 'object' && 'since' in origin;
  return selection.anyOf.length === 0 && !selection.container && !leavesOut;
}

/** Shown by offsets alone, independent of the recorded history. */
function holesIn({ reader, origin, steps, ref }: Leg): Violation[] {
  const resumed = typeof origin === 'object' && 'after' in origin;
  let last = resumed ? { offset: parseCursor(origin.after).offset, ref } : undefined;
  return placed(steps).flatMap((step) => {
    const before = last;
    last = { offset: offsetOf(step), ref: refOf(step) };
    const due = step.kind === 'entry' ? last.offset - 1 : last.offset;
    if (!before || before.offset >= due) return [];
    const text = `${reader} got nothing of offsets ${before.offset + 1} to ${due}`;
    return [{ text, refs: [before.ref, last.ref] }];
  });
}

function unfinished(leg: Leg, { lineages }: Evidence): Violation[] {
  const end = leg.steps.at(-1);
  const last = lineages.at(-1);
  const isEnd = end?.kind === 'bookmark' && end.reason === 'end';
  if (isEnd && last?.standing(end.cursor) !== 'foreign' && end.offset === last?.last) return [];
  const where = end ? `offset ${offsetOf(end)}` : 'nowhere';
  const text = `${leg.reader} came to ${where} in the end, and history to offset ${last?.last ?? 0}`;
  return [{ text, refs: [end ? refOf(end) : leg.ref] }];
}
