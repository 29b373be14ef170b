import { parseCursor } from '../../server/events/cursor.js';
import type { Evidence } from './evidence.js';
import { offsetOf, placed, refOf } from './leg.js';
import type { Leg } from './leg.js';
import type { Verdict, Violation } from './verdict.js';

/** A cursor that came without an entry is a place to resume after: nothing at or before it comes later. */
export function bookmarkable({ legs }: Evidence): Verdict {
  const marks = legs.reduce(
    (sum, { steps }) => sum + steps.filter(({ kind }) => kind === 'mark').length,
    0,
  );
  return {
    name: 'Bookmarkable',
    scope: `${marks} marks in ${legs.length} streams`,
    violations: legs.flatMap(latecomersIn),
  };
}

function latecomersIn({ reader, origin, steps, ref }: Leg): Violation[] {
  const resumed = typeof origin === 'object' && 'after' in origin;
  let mark = { offset: resumed ? parseCursor(origin.after).offset : 0, ref };
  let reached = mark;
  return placed(steps).flatMap((step) => {
    const here = { offset: offsetOf(step), ref: refOf(step) };
    const before = step.kind === 'entry' ? mark : reached;
    const late = step.kind === 'entry' ? here.offset <= mark.offset : here.offset < reached.offset;
    if (step.kind === 'mark' && here.offset > mark.offset) mark = here;
    if (here.offset > reached.offset) reached = here;
    if (!late) return [];
    const what = step.kind === 'entry' ? 'the entry' : 'the cursor';
    const text = `${reader} got ${what} of offset ${here.offset} when it had come to ${before.offset}`;
    return [{ text, refs: [before.ref, here.ref] }];
  });
}
