import { parseCursor } from '../../server/events/cursor.js';
import { outlasts } from '../records/fact.js';
import { getsKeptExits, selects } from '../records/selection.js';
import type { KnownEntry } from './known-entry.js';
import { between } from './known-history.js';
import { offsetOf, placed } from './leg.js';
import type { Leg } from './leg.js';
import type { Lineage } from './lineage.js';

/** Returns the entries of a lineage, in order, that a leg through it must have delivered. */
export function owed(leg: Leg, lineage: Lineage, history: readonly KnownEntry[]): KnownEntry[] {
  const from = owedAfter(leg, lineage);
  const to = Math.max(0, ...placed(leg.steps).slice(-1).map(offsetOf));
  const onTheWay = between(history, from, to);
  const kept = keptExitsAreOwed(leg) ? between(history, 0, Math.min(from, to)).filter(isKept) : [];
  return [...kept, ...onTheWay].filter(
    (entry) => selects(leg.selection, entry.fact) && isInTime(leg, entry),
  );
}

function isKept({ fact }: KnownEntry): boolean {
  return outlasts(fact);
}

/** Returns the offset after which every matching entry is owed. */
function owedAfter({ origin, steps }: Leg, lineage: Lineage): number {
  if (typeof origin === 'object' && 'after' in origin) return parseCursor(origin.after).offset;
  const [first] = placed(steps);
  if (first === undefined) return Infinity;
  if (origin === 'now') return offsetOf(first);
  // A trimmed entry may have been gone when the leg began; an entry that is still there was there.
  return Math.min(offsetOf(first), lineage.first - 1);
}

function keptExitsAreOwed({ origin, selection, steps }: Leg): boolean {
  return origin === 'earliest' && getsKeptExits(selection) && placed(steps).length > 0;
}

/** Only the replay of a reader that starts at a time leaves out older entries. */
function isInTime({ origin, steps }: Leg, { offset, time }: KnownEntry): boolean {
  if (typeof origin !== 'object' || !('since' in origin)) return true;
  const caughtUp = steps.find((step) => step.kind === 'bookmark' && step.reason === 'caught up');
  const replayed = caughtUp === undefined || offset <= offsetOf(caughtUp);
  return !replayed || (time !== undefined && time >= BigInt(origin.since));
}

/** Returns the owed entries that were not delivered. */
export function missing(leg: Leg, owedEntries: readonly KnownEntry[]): KnownEntry[] {
  const delivered = new Set(
    leg.steps.flatMap((step) => (step.kind === 'entry' ? [step.entry.cursor] : [])),
  );
  return owedEntries.filter(({ cursor }) => !delivered.has(cursor));
}
