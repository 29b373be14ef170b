import type { BrokerLine } from './records/lines.js';
import type { Fault } from './faults/schedule.js';

/** Counts the faults of each kind as text: `4 kill broker, 2 crowd`. */
export function faultCounts(lines: readonly BrokerLine[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const what = describe(line);
    if (what !== undefined) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function describe(line: BrokerLine): string | undefined {
  if (line.kind === 'fault') return (JSON.parse(line.fault) as Fault).kind;
  return line.kind === 'died at' ? `died ${line.point}` : undefined;
}
