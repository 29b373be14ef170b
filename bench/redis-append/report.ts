import type { Round } from '../support/measure.js';
import { summarize, type Summary } from '../support/summary.js';

/** All rounds of one contender. */
export interface Result {
  readonly name: string;
  readonly rounds: readonly Round[];
}

/** Ratio of the median rates of a result and the base. */
export function ratioOf(result: Result, base: Result): number {
  return rateOf(result).median / rateOf(base).median;
}

/** A Markdown table whose first line is the base of the ratios. */
export function table(results: readonly Result[]): string {
  const [base] = results;
  if (base === undefined) return '';
  return [
    '| | events/s: min, median, max | ratio | p50, p99 ms | CPU µs/event |',
    '|---|---|---|---|---|',
    ...results.map((result) => `| ${cells(result, base).join(' | ')} |`),
  ].join('\n');
}

function cells(result: Result, base: Result): string[] {
  const { min, median, max } = rateOf(result);
  const cpu = Object.entries(cpuOf(result)).map(([name, time]) => `${name} ${time.toFixed(1)}`);
  return [
    result.name,
    [min, median, max].map((rate) => Math.round(rate).toLocaleString('en-US')).join(', '),
    result === base ? '' : ratioOf(result, base).toFixed(2),
    `${medianOf(result, ({ p50 }) => p50).toFixed(1)}, ${medianOf(result, ({ p99 }) => p99).toFixed(1)}`,
    cpu.join(', '),
  ];
}

/** The same as one JSON value. */
export function json(results: readonly Result[]): object[] {
  const [base] = results;
  return results.map((result) => ({
    name: result.name,
    eventsPerSecond: rateOf(result),
    ...(base && base !== result ? { ratio: ratioOf(result, base) } : {}),
    p50: medianOf(result, ({ p50 }) => p50),
    p99: medianOf(result, ({ p99 }) => p99),
    cpuMicrosecondsPerEvent: cpuOf(result),
    rounds: result.rounds,
  }));
}

function rateOf({ rounds }: Result): Summary {
  return summarize(rounds.map(({ rate }) => rate));
}

/** Medians of the processor time per event, by process. */
function cpuOf(result: Result): Record<string, number> {
  const names = Object.keys(result.rounds[0]?.cpu ?? {});
  return Object.fromEntries(
    names.map((name) => [name, medianOf(result, ({ cpu }) => cpu[name] ?? NaN)]),
  );
}

function medianOf({ rounds }: Result, value: (round: Round) => number): number {
  return summarize(rounds.map(value)).median;
}
