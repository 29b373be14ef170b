import type { Inspection } from '../damage/inspection.js';

/** Acknowledged entries by offset, with their texts once they were read. */
export type Acknowledged = Map<number, string | undefined>;

/**
 * Compares a store with what its writers have acknowledged. Remembers what it finds for the next
 * time. Returns sentences about what is wrong.
 *
 * @param life beginning of the texts of the newest writer
 */
export function checkAfter(owed: Acknowledged, inspection: Inspection, life: string): string[] {
  if (inspection.kind === 'refused') return [`the store is refused: ${inspection.reason}`];
  const { all, lasting, last, appended } = inspection;
  const problems: string[] = [];
  if (all.damages.length > 0) problems.push(`damage is reported: ${JSON.stringify(all.damages)}`);
  const found = new Map([...lasting.entries, ...all.entries]);
  const first = all.entries[0]?.[0] ?? last + 1;
  const lost: number[] = [];
  for (const [offset, known] of owed) {
    const text = found.get(offset);
    if (text === undefined) {
      // Entries before the first are trimmed.
      if (offset >= first) lost.push(offset);
      else owed.delete(offset);
    } else if (known === undefined && text.startsWith(life)) owed.set(offset, text);
    else if (text !== known) problems.push(`entry ${offset} is another`);
  }
  if (lost.length > 0) problems.push(`${lost.length} acknowledged entries lost, from ${lost[0]!}`);
  const missing = all.entries.findIndex(([offset], i) => offset !== first + i);
  if (missing >= 0) problems.push(`entry ${first + missing} is missing`);
  if (appended <= last) problems.push(`offset ${appended} was used again`);
  return problems;
}
