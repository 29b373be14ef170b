import { parseCursor } from '../../server/events/cursor.js';
import { outlasts } from '../records/fact.js';
import { getsKeptExits, selects } from '../records/selection.js';
import type { KnownEntry } from './known-entry.js';
import { between } from './known-history.js';
import { offsetOf, placed } from './leg.js';
import type { Leg } from './leg.js';
import type { Lineage } from './lineage.js';

/** The entries of a lineage, in order, that a leg through it must have delivered. */
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

/** The offset after which everything is owed. */
function owedAfter({ origin, steps }: Leg, lineage: Lineage): number {
  if (typeof origin === 'object' && 'after' in origin) return parseCursor(origin.after).offset;
  const [first] = placed(steps);
  if (first === undefined) return Infinity;
  if (origin === 'now') return offsetOf(first);
  // What was trimmed later may have been trimmed before it began; what is there now was there then.
  return Math.min(offsetOf(first), lineage.first - 1);
}

function keptExitsAreOwed({ origin, selection, steps }: Leg): boolean {
  return origin === 'earliest' && getsKeptExits(selection) && placed(steps).length > 0;
}

/** Only the replay of a reader that came with a time leaves out what is older. */
function isInTime({ origin, steps }: Leg, { offset, time }: KnownEntry): boolean {
  if (typeof origin !== 'object' || !('since' in origin)) return true;
  const caughtUp = steps.find((step) => step.kind === 'mark' && step.mark === 'caught up');
  const replayed = caughtUp === undefined || offset <= offsetOf(caughtUp);
  return !replayed || (time !== undefined && time >= BigInt(origin.since));
}

/** What of it was not delivered. */
export function missing(leg: Leg, owedEntries: readonly KnownEntry[]): KnownEntry[] {
  const delivered = new Set(
    leg.steps.flatMap((step) => (step.kind === 'entry' ? [step.entry.cursor] : [])),
  );
  return owedEntries.filter(({ cursor }) => !delivered.has(cursor));
}
