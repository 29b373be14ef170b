import { summarize, type Summary } from '../support/summary.js';
import type { Figure, Figures } from './figures.js';
import type { CrowdRow, Scenario } from './scenario.js';

/** All rounds of one row; empty if the daemon is missing. */
export interface Result {
  readonly row: CrowdRow;
  readonly rounds: readonly Figures[];
}

/** Column head and number of decimals of each figure. */
const FIGURE_HEADS: Readonly<Record<Figure, readonly [head: string, digits: number]>> = {
  rate: ['events/s: min, median, max', 0],
  events: ['events', 0],
  deliveries: ['deliveries/s', 0],
  p50: ['delay p50 ms', 2],
  p99: ['delay p99 ms', 2],
  arrived: ['arrived %', 1],
  arrivedLate: ['arrived at the stuck client %', 1],
  daemonCpu: ['CPU µs/event: daemon', 1],
  clientsCpu: ['clients', 1],
  loadCpu: ['load', 1],
  memoryBefore: ['anonymous MiB: before', 1],
  memoryWithClients: ['with clients', 1],
  memoryPeak: ['at most', 1],
  residentPeak: ['resident at most', 1],
};

/** Heading, description and a Markdown table with the medians of all rounds. */
export function section({ title, text, columns }: Scenario, results: readonly Result[]): string {
  const heads = ['', '', ...columns.map((figure) => FIGURE_HEADS[figure][0])];
  return [
    `## ${title}`,
    '',
    text,
    '',
    line(heads),
    line(heads.map((_, index) => (index < 2 ? '---' : '--:'))),
    ...results.map((result) => line(cells(result, columns))),
  ].join('\n');
}

function line(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

function cells({ row, rounds }: Result, columns: readonly Figure[]): string[] {
  const { kind, what } = row;
  if (rounds.length === 0) return [kind.name, what, 'missing', ...columns.slice(1).map(() => '')];
  return [kind.name, what, ...columns.map((figure) => cell(figure, rounds))];
}

function cell(figure: Figure, rounds: readonly Figures[]): string {
  const summary = summaryOf(figure, rounds);
  if (summary === undefined) return '';
  const { min, median, max } = summary;
  const [, digits] = FIGURE_HEADS[figure];
  const shown = figure === 'rate' ? [min, median, max] : [median];
  return shown.map((value) => text(value, digits)).join(', ');
}

function text(value: number, digits: number): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Summary of a figure; undefined if it was not measured. */
function summaryOf(figure: Figure, rounds: readonly Figures[]): Summary | undefined {
  const values = rounds.flatMap((round) => round[figure] ?? []);
  return values.length === 0 ? undefined : summarize(values);
}

/** The same as JSON values. */
export function json({ name }: Scenario, results: readonly Result[]): object {
  const rows = results.map(({ row: { kind, what }, rounds }) => ({
    daemon: kind.name,
    what,
    ...(kind.missing === undefined ? {} : { missing: kind.missing }),
    rounds,
  }));
  return { scenario: name, rows };
}
