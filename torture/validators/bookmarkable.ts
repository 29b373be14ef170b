import { parseCursor } from '../../server/events/cursor.js';
import type { Evidence } from './evidence.js';
import { offsetOf, placed, refOf } from './leg.js';
import type { Leg } from './leg.js';
import type { Verdict, Violation } from './verdict.js';

/**
 * A cursor delivered without an entry is a valid position to resume after: no entry at or before it
 * is delivered later.
 */
export function bookmarkable({ legs }: Evidence): Verdict {
  const bookmarks = legs.reduce(
    (sum, { steps }) => sum + steps.filter(({ kind }) => kind === 'bookmark').length,
    0,
  );
  return {
    name: 'Bookmarkable',
    scope: `${bookmarks} bookmarks in ${legs.length} streams`,
    violations: legs.flatMap(latecomersIn),
  };
}

function latecomersIn({ reader, origin, steps, ref }: Leg): Violation[] {
  const resumed = typeof origin === 'object' && 'after' in origin;
  let bookmark = { offset: resumed ? parseCursor(origin.after).offset : 0, ref };
  let latest = bookmark;
  return placed(steps).flatMap((step) => {
    const here = { offset: offsetOf(step), ref: refOf(step) };
    const before = step.kind === 'entry' ? bookmark : latest;
    const late =
      step.kind === 'entry' ? here.offset <= bookmark.offset : here.offset < latest.offset;
    if (step.kind === 'bookmark' && here.offset > bookmark.offset) bookmark = here;
    if (here.offset > latest.offset) latest = here;
    if (!late) return [];
    const what = step.kind === 'entry' ? 'the entry' : 'the cursor';
    const text = `${reader} got ${what} of offset ${here.offset} when it had come to ${before.offset}`;
    return [{ text, refs: [before.ref, here.ref] }];
  });
}
