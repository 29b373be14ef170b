import { parseCursor } from '../../server/events/cursor.js';
import type { LineRef } from '../records/record-reader.js';
import type { Evidence } from './evidence.js';
import type { Lineage } from './lineage.js';
import type { Verdict, Violation } from './verdict.js';

/** What somebody was told of a cursor. */
interface Telling {
  readonly cursor: string;
  readonly text: string;
  readonly ref: LineRef;
}

/**
 * Whichever broker is asked: a cursor stands for one event, and an offset for one in each course of history, also when it
 * was trimmed long before anybody could look at the history whole.
 */
export function agreed(evidence: Evidence): Verdict {
  const { legs, lineages, stored } = evidence;
  const first = new Map<string, Telling>();
  const violations: Violation[] = [];
  for (const telling of tellings(evidence)) {
    const before = first.get(telling.cursor);
    if (!before) first.set(telling.cursor, telling);
    else if (before.text !== telling.text) violations.push(otherEvent(before, telling));
  }
  return {
    name: 'Agreed',
    scope: `${first.size} cursors, told to ${legs.length} streams and ${stored.length} times to publishers`,
    violations: [...violations, ...tooMany([...first.values()], lineages)],
  };
}

function* tellings({ lineages, legs, stored }: Evidence): Generator<Telling> {
  for (const { entries } of lineages) yield* entries.values();
  for (const { steps } of legs) {
    for (const step of steps) if (step.kind === 'entry') yield step.entry;
  }
  for (const { answer, text, refs } of stored) yield { cursor: answer.cursor, text, ref: refs[0]! };
}

function otherEvent(before: Telling, after: Telling): Violation {
  const { offset } = parseCursor(before.cursor);
  const text = `one cursor of offset ${offset} stands for ${before.text} and for ${after.text}`;
  return { text, refs: [before.ref, after.ref] };
}

/** More events at an offset than there were courses of history that gave it out. */
function tooMany(first: readonly Telling[], lineages: readonly Lineage[]): Violation[] {
  const byPlace = new Map<string, [Telling, ...Telling[]]>();
  for (const telling of first) {
    const { epoch, offset } = parseCursor(telling.cursor);
    const place = `${epoch} ${offset}`;
    const known = byPlace.get(place);
    if (known) known.push(telling);
    else byPlace.set(place, [telling]);
  }
  return [...byPlace.values()].flatMap((events) => {
    const { epoch, offset } = parseCursor(events[0].cursor);
    const courses = lineages.filter((one) => one.epoch === epoch && one.line.fork < offset).length;
    if (events.length <= courses) return [];
    const text = `offset ${offset} stands for ${events.length} events in ${courses} histories`;
    return [{ text, refs: events.map(({ ref }) => ref) }];
  });
}
