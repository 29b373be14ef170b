import { parseCursor } from '../../server/events/cursor.js';
import { selects } from '../records/selection.js';
import { lineagesOfLeg } from './evidence.js';
import type { Evidence } from './evidence.js';
import { between, knownHistory } from './known-history.js';
import type { KnownEntry } from './known-entry.js';
import { reachedBy } from './leg.js';
import type { Break, Leg } from './leg.js';
import type { Lineage } from './lineage.js';
import type { Verdict, Violation } from './verdict.js';

type Gap = Extract<Break, { kind: 'gap' }>;
type Histories = ReadonlyMap<Lineage, readonly KnownEntry[]>;

/**
 * A gap is reported if and only if entries were lost: trimmed, or gone with a store that was
 * restored or wiped.
 */
export function gapHonest(evidence: Evidence): Verdict {
  const { legs, lineages } = evidence;
  const breaks = legs.filter((leg) => leg.break);
  const histories = new Map(lineages.map((lineage) => [lineage, knownHistory(evidence, lineage)]));
  return {
    name: 'GapHonest',
    scope: `${breaks.length} gaps in ${legs.length} streams over ${lineages.length} histories`,
    violations: [
      ...legs.flatMap((leg) => mixed(leg, evidence)),
      ...breaks.flatMap((leg) => dishonest(leg, leg.break!, histories)),
    ],
  };
}

/** Finds a leg that continued in another history without a gap. */
function mixed(leg: Leg, evidence: Evidence): Violation[] {
  if (lineagesOfLeg(evidence, leg).length > 0) return [];
  const text = `${leg.reader}: no single history has all of what it read without a gap`;
  return [{ text: `${text}, up to cursor ${reachedBy(leg) ?? 'none'}`, refs: [leg.ref] }];
}

function dishonest(leg: Leg, end: Break, histories: Histories): Violation[] {
  const refs = [leg.ref, end.ref];
  // A reader without a cursor may begin later than the first entry, because none matched its
  // filter.
  const from = reachedBy(leg) ?? (end.kind === 'gap' ? end.from : undefined);
  if (from === undefined) {
    return [{ text: `${leg.reader} was refused a resume before it had a position`, refs }];
  }
  const met = [...histories].filter(([lineage]) => lineage.overlaps(leg.begunAt, end.at));
  const explained = met.some(([lineage, history]) =>
    end.kind === 'refused' ? isGone(from, lineage) : explains(leg, end, from, lineage, history),
  );
  if (explained) return [];
  const what = end.kind === 'gap' ? `a gap (${end.reason})` : 'an error that its position was gone';
  const text = `${leg.reader} received ${what} after offset ${parseCursor(from).offset}, and nothing explains it`;
  return [{ text, refs }];
}

/** Returns whether the entry at a cursor or the one after it is gone. */
function isGone(cursor: string, lineage: Lineage): boolean {
  return lineage.standing(cursor) === 'foreign' || parseCursor(cursor).offset + 1 < lineage.first;
}

/** An entry trimmed from a restored copy cannot be compared. */
function isRolledBack(cursor: string, lineage: Lineage): boolean {
  const standing = lineage.standing(cursor);
  return standing === 'foreign' || (standing === 'trimmed' && lineage.line.parent !== null);
}

function explains(
  { selection }: Leg,
  { reason, from, to, lostAtMost }: Gap,
  reached: string,
  lineage: Lineage,
  history: readonly KnownEntry[],
): boolean {
  const start = parseCursor(from);
  const end = parseCursor(to);
  if (lineage.standing(to) === 'foreign') return false;
  switch (reason) {
    case 'store recreated':
      return start.epoch !== lineage.epoch;
    case 'damaged':
    case 'not recorded':
      // No fault of a round damages stored entries, and no recorder takes part.
      return false;
    case 'rolled back':
      return start.epoch === lineage.epoch && isRolledBack(from, lineage);
    case 'trimmed': {
      // A reader passes entries that its filter excludes without a gap.
      if (start.epoch !== lineage.epoch || start.offset < parseCursor(reached).offset) return false;
      const lost = between(history, start.offset, end.offset).filter(({ fact }) =>
        selects(selection, fact),
      );
      const counted = lostAtMost >= Math.max(1, lost.length);
      return start.offset < end.offset && end.offset < lineage.first && counted;
    }
    case 'unknown':
      return false;
  }
}
