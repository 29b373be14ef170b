import { WAYS, type AskedWait, type Way } from './asked-wait.js';
import { TARGETS } from './daemons.js';
import type { Fault } from './fault-plan.js';
import { VERDICTS, type Verdict } from './verdict.js';

/** A wait with its verdict. */
export interface JudgedWait {
  readonly wait: AskedWait;
  readonly verdict: Verdict;
}

/** Error texts that are shown, the most frequent first. */
const SHOWN_ERRORS = 12;

/** Returns a line for each way of asking, with the number of waits of each verdict. */
export function tableLines(judged: readonly JudgedWait[]): string[] {
  const head = ['asked by', 'waits', ...VERDICTS, 'slowest'];
  const rows = WAYS.map((way) => row(way, judged));
  return [head, ...rows, row('all', judged)].map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(14) : cell.padStart(9))).join(''),
  );
}

function row(way: Way | 'all', judged: readonly JudgedWait[]): string[] {
  const own = judged.filter(({ wait }) => way === 'all' || wait.way === way);
  const counts = VERDICTS.map((verdict) => own.filter((one) => one.verdict === verdict).length);
  const durations = own.map(({ wait }) => (wait.answeredAt ?? Infinity) - wait.askedAt);
  const slowest = durations.length === 0 ? '-' : `${Math.max(...durations).toFixed(1)} s`;
  return [way, `${own.length}`, ...counts.map(String), slowest];
}

/** Returns how often each process was killed. */
export function faultLine(faults: readonly Fault[]): string {
  const counts = TARGETS.map((target) => {
    const hits = faults.filter(({ targets }) => targets.includes(target)).length;
    return `${target} ${hits}`;
  });
  const atOnce = faults.filter(({ targets }) => targets.length === TARGETS.length).length;
  return `killed: ${counts.join(', ')}; all at once ${atOnce}`;
}

/** Returns the most frequent errors. */
export function errorLines(judged: readonly JudgedWait[]): string[] {
  const counts = new Map<string, number>();
  for (const { wait } of judged) {
    if (typeof wait.answer !== 'string') continue;
    const text = wait.answer
      .replace(/[0-9a-f]{64}/g, 'ID')
      .replace(/\S*\d+-\d+\b/g, 'NAME')
      .replace(/\d{4}-\d\d-\d\dT\S*Z/g, 'TIME')
      .replace(/\/tmp\/\S*\//g, '');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, SHOWN_ERRORS);
  return sorted.map(([text, count]) => `${String(count).padStart(6)} × ${text.slice(0, 240)}`);
}
