import type { Contender, Row, Sample } from '../rows/row.js';
import { summarize } from '../support/summary.js';
import type { Outcome, RowResult } from './in-turn.js';
import { comparisons, summaryOf, type Comparison } from './verdict.js';

const COLUMN_HEADS = [
  'work',
  'unit',
  'Foghorn: median (min to max)',
  'beside',
  'median (min to max)',
  'ratio',
  'to reach',
  'reached',
  'stretch',
  'reached',
];
const TEXT_COLUMNS = 2;

/** A Markdown table with a line for each row and peer. */
export function comparisonTable(results: readonly RowResult[]): string {
  const lines = results.flatMap((result) =>
    comparisons(result).map((comparison) => cells(result, comparison)),
  );
  return [
    line(COLUMN_HEADS),
    line(COLUMN_HEADS.map((_, index) => (index < TEXT_COLUMNS ? '---' : '--:'))),
    ...lines.map(line),
  ].join('\n');
}

function cells({ row, outcomes }: RowResult, comparison: Comparison): string[] {
  const { peer, figure, target, reached, stretched } = comparison;
  const [ours] = outcomes;
  return [
    row.work,
    row.unit,
    ours === undefined ? '' : shown(ours),
    peer?.contender.name ?? 'a bound',
    peer === undefined ? '' : shown(peer),
    peer === undefined || figure === undefined ? '' : number(figure),
    wanted(row, target?.reach),
    yesOrNo(reached),
    wanted(row, target?.stretch),
    yesOrNo(stretched),
  ];
}

/** Summary of a contender's results, or the reason for having none. */
function shown(outcome: Outcome<Contender, Sample>): string {
  const { contender, failure } = outcome;
  if (contender.missing !== undefined) return `missing: ${contender.missing}`;
  if (failure !== undefined) return `failed: ${failure.split('\n')[0] ?? ''}`;
  const summary = summaryOf(outcome);
  if (summary === undefined) return '';
  return `${number(summary.median)} (${number(summary.min)} to ${number(summary.max)})`;
}

function wanted({ better }: Row, value: number | undefined): string {
  return value === undefined ? '' : `${better === 'more' ? '≥' : '≤'} ${number(value)}`;
}

function yesOrNo(reached: boolean | undefined): string {
  return reached === undefined ? '' : reached ? 'yes' : '**no**';
}

/** A Markdown table with the medians of each contender's details. */
export function detailTable(results: readonly RowResult[]): string {
  const lines = results.flatMap(({ row, outcomes }) =>
    outcomes
      .filter(({ results: samples }) => samples.length > 0)
      .map(({ contender, results: samples }) => [
        row.name,
        contender.name,
        contender.version,
        details(samples),
      ]),
  );
  return [line(['row', 'contender', 'version', 'medians']), line(Array(4).fill('---'))]
    .concat(lines.map(line))
    .join('\n');
}

function details(samples: readonly Sample[]): string {
  return Object.keys(samples[0]?.details ?? {})
    .map((name) => {
      const values = samples.map((sample) => sample.details[name] ?? NaN);
      return `${name}: ${number(summarize(values).median)}`;
    })
    .join(', ');
}

function line(texts: readonly string[]): string {
  // An escaped bar stays within its cell.
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Values from here on are shown as whole numbers. */
const WHOLE_FROM = 1000;

function number(value: number): string {
  const digits =
    Math.abs(value) >= WHOLE_FROM ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return value.toLocaleString('en-US', digits);
}
