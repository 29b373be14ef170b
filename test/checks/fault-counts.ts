import type { BrokerLine } from './records/lines.js';
import type { Fault } from './faults/schedule.js';

/** How often what was done, in words: `4 kill broker, 2 crowd`. */
export function faultCounts(lines: readonly BrokerLine[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (line.kind !== 'fault') continue;
    const { kind } = JSON.parse(line.fault) as Fault;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
