import { parseCursor } from '../../server/events/cursor.js';
import type { Evidence } from './evidence.js';
import type { KnownEntry } from './known-entry.js';
import type { Lineage } from './lineage.js';

/**
 * All known entries of a lineage, in order: its contents at its end, and trimmed entries that a
 * reader or publisher saw. Trimmed entries that may belong to another lineage are left out.
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
    const position = parseCursor(answer.cursor);
    if (position.epoch !== epoch) continue;
    const { offset } = position;
    yield { offset, cursor: answer.cursor, text, fact, time: undefined, ref: refs[0]! };
  }
}

/** Returns the entries with `from` < offset <= `to`, given entries in order. */
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
