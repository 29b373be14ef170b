import { parseCursor } from '../../server/events/cursor.js';
import type { Evidence } from './evidence.js';
import type { KnownEntry } from './known-entry.js';
import type { Lineage } from './lineage.js';

/**
 * All entries of a lineage that anybody saw, in order: what it held when it was over, and what was trimmed before that as
 * far as readers or publishers tell. When a copy was put back, nobody can say whose a trimmed entry is, and it is left out.
 */
export function knownHistory(evidence: Evidence, lineage: Lineage): KnownEntry[] {
  const known = new Map(lineage.entries);
  const lineagesOfEpoch = evidence.lineages.filter(({ epoch }) => epoch === lineage.epoch);
  if (lineagesOfEpoch.length === 1) {
    for (const entry of seenEntries(evidence, lineage.epoch)) {
      if (entry.offset < lineage.first && !known.has(entry.offset)) known.set(entry.offset, entry);
    }
  }
  return [...known.values()].sort((a, b) => a.offset - b.offset);
}

function* seenEntries({ legs, stored }: Evidence, epoch: string): Generator<KnownEntry> {
  for (const { steps } of legs) {
    for (const step of steps) {
      if (step.kind === 'entry' && parseCursor(step.entry.cursor).epoch === epoch) yield step.entry;
    }
  }
  for (const { answer, text, fact, refs } of stored) {
    const place = parseCursor(answer.cursor);
    if (place.epoch !== epoch) continue;
    const { offset } = place;
    yield { offset, cursor: answer.cursor, text, fact, time: undefined, ref: refs[0]! };
  }
}

/** Those with `from` < offset <= `to`, of entries in order. */
export function between(
  entries: readonly KnownEntry[],
  from: number,
  to: number,
): readonly KnownEntry[] {
  return entries.slice(firstAfter(entries, from), firstAfter(entries, to));
}

function firstAfter(entries: readonly KnownEntry[], offset: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
