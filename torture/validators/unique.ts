import type { Evidence } from './evidence.js';
import type { KnownEntry } from './known-entry.js';
import type { Leg } from './leg.js';
import type { Verdict, Violation } from './verdict.js';

/** No stream delivers an entry twice, over all its processes and connections. */
export function unique({ legs }: Evidence): Verdict {
  const deliveries = legs.reduce((sum, { steps }) => sum + steps.length, 0);
  const scope = `${legs.length} streams, ${deliveries} deliveries`;
  return { name: 'Unique', scope, violations: legs.flatMap(repeatedIn) };
}

function repeatedIn({ reader, steps }: Leg): Violation[] {
  const seen = new Map<string, KnownEntry>();
  return steps.flatMap((step) => {
    if (step.kind !== 'entry') return [];
    const { entry } = step;
    const before = seen.get(entry.cursor);
    seen.set(entry.cursor, entry);
    if (!before) return [];
    const text = `${reader} got offset ${entry.offset} twice: ${entry.text}`;
    return [{ text, refs: [before.ref, entry.ref] }];
  });
}
