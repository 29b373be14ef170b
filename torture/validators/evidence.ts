import type { BrokerLine } from '../records/lines.js';
import type { Recorded } from '../records/record-reader.js';
import { attemptsOf, isStored } from './attempt.js';
import type { Attempt, StoredAttempt } from './attempt.js';
import { Facts } from './known-entry.js';
import { legsOf } from './leg-builder.js';
import { reachedBy } from './leg.js';
import type { Leg } from './leg.js';
import { Lineage } from './lineage.js';
import type { Records } from '../records/records.js';
import { waitsOf } from './wait.js';
import type { Wait } from './wait.js';

/** The records in the form that validators use. */
export interface Evidence {
  readonly lineages: readonly Lineage[];
  readonly attempts: readonly Attempt[];
  readonly stored: readonly StoredAttempt[];
  /** Legs of all readers, including crowds. */
  readonly legs: readonly Leg[];
  /** Last leg of each reader that read to the end. */
  readonly lastLegs: readonly Leg[];
  readonly waits: readonly Wait[];
  readonly lastWaits: readonly Wait[];
  readonly broker: readonly Recorded<BrokerLine>[];
  readonly readerFailures: readonly ReaderFailure[];
}

export type ReaderFailure = Extract<
  Records['readers'] extends ReadonlyMap<string, readonly (infer Line)[]> ? Line : never,
  { readonly kind: 'failed' }
>;

/** @throws Error for records that contradict themselves */
export function evidenceOf(records: Records): Evidence {
  const facts = new Facts();
  const attempts = [...records.publishers].flatMap(([name, lines]) =>
    attemptsOf(name, lines, facts),
  );
  const readers = [...records.readers].map(([name, lines]) => legsOf(name, lines, facts));
  const crowd = [...records.crowd].flatMap(([name, lines]) => legsOf(name, lines, facts));
  return {
    lineages: lineagesOf(records, facts),
    attempts,
    stored: attempts.filter(isStored),
    legs: [...readers.flat(), ...crowd],
    lastLegs: readers.flatMap((legs) => legs.slice(-1)),
    waits: [...records.waiters.values()].flatMap(waitsOf),
    lastWaits: waitsOf(records.lastWaits),
    broker: records.broker,
    readerFailures: [...records.readers.values(), ...records.crowd.values()]
      .flat()
      .filter((line) => line.kind === 'failed'),
  };
}

function lineagesOf({ broker, histories }: Records, facts: Facts): Lineage[] {
  const over = new Map(
    broker.flatMap((line) => (line.kind === 'lineage over' ? [[line.lineage, line.at]] : [])),
  );
  return broker.flatMap((line) => {
    if (line.kind !== 'lineage') return [];
    const { lineage } = line;
    return [new Lineage(line, over.get(lineage) ?? Infinity, histories[lineage] ?? [], facts)];
  });
}

/** Returns the lineages that a leg may have been read from: those that contain all its cursors. */
export function lineagesOfLeg({ lineages }: Evidence, leg: Leg): Lineage[] {
  const { origin, steps } = leg;
  const cursors = steps.map((step) => (step.kind === 'bookmark' ? step.cursor : step.entry.cursor));
  if (typeof origin === 'object' && 'after' in origin) cursors.push(origin.after);
  return lineages.filter((lineage) =>
    cursors.every((cursor) => lineage.standing(cursor) !== 'foreign'),
  );
}

/** Returns a leg's last cursor as text. */
export function reachedText(leg: Leg): string {
  return reachedBy(leg) ?? 'nowhere';
}
