import { parseCursor } from '../../server/events/cursor.js';
import type { LineRef } from '../records/record-reader.js';
import type { Evidence } from './evidence.js';
import type { Lineage } from './lineage.js';
import type { Verdict, Violation } from './verdict.js';

/** One client's view of a cursor. */
interface Observation {
  readonly cursor: string;
  readonly text: string;
  readonly ref: LineRef;
}

/**
 * All brokers agree: a cursor stands for one event, and an offset for one event in each lineage,
 * even if the entry was trimmed before the lineage was recorded.
 */
export function agreed(evidence: Evidence): Verdict {
  const { legs, lineages, stored } = evidence;
  const first = new Map<string, Observation>();
  const violations: Violation[] = [];
  for (const observation of observations(evidence)) {
    const before = first.get(observation.cursor);
    if (!before) first.set(observation.cursor, observation);
    else if (before.text !== observation.text) violations.push(otherEvent(before, observation));
  }
  return {
    name: 'Agreed',
    scope: `${first.size} cursors, seen by ${legs.length} streams and ${stored.length} times by publishers`,
    violations: [...violations, ...tooMany([...first.values()], lineages)],
  };
}

function* observations({ lineages, legs, stored }: Evidence): Generator<Observation> {
  for (const { entries } of lineages) yield* entries.values();
  for (const { steps } of legs) {
    for (const step of steps) if (step.kind === 'entry') yield step.entry;
  }
  for (const { answer, text, refs } of stored) yield { cursor: answer.cursor, text, ref: refs[0]! };
}

function otherEvent(before: Observation, after: Observation): Violation {
  const { offset } = parseCursor(before.cursor);
  const text = `one cursor of offset ${offset} stands for ${before.text} and for ${after.text}`;
  return { text, refs: [before.ref, after.ref] };
}

/** Finds offsets with more events than lineages that could have assigned them. */
function tooMany(first: readonly Observation[], lineages: readonly Lineage[]): Violation[] {
  const byOffset = new Map<string, [Observation, ...Observation[]]>();
  for (const observation of first) {
    const { epoch, offset } = parseCursor(observation.cursor);
    const key = `${epoch} ${offset}`;
    const known = byOffset.get(key);
    if (known) known.push(observation);
    else byOffset.set(key, [observation]);
  }
  return [...byOffset.values()].flatMap((events) => {
    const { epoch, offset } = parseCursor(events[0].cursor);
    const courses = lineages.filter((one) => one.epoch === epoch && one.line.fork < offset).length;
    if (events.length <= courses) return [];
    const text = `offset ${offset} stands for ${events.length} events in ${courses} histories`;
    return [{ text, refs: events.map(({ ref }) => ref) }];
  });
}
