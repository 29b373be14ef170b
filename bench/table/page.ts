import type { Summary } from '../support/summary.js';
import type { Options } from '../rows/options.js';
import type { CurveResult, RowResult } from './in-turn.js';
import { comparisonTable, detailTable } from './markdown.js';
import { pictureOf } from './write.js';

export interface Head {
  readonly machine: string;
  /** See `flushTime`. */
  readonly flush: Summary;
  readonly date: string;
  readonly options: Options;
}

/** A whole run, as Markdown. */
export function page(
  { machine, flush, date, options }: Head,
  rows: readonly RowResult[],
  curves: readonly CurveResult[],
): string {
  const { rounds, seconds, warmUp, scale } = options;
  const extent = [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    `${seconds} s each after ${warmUp} s of warm-up`,
    ...(scale === 1 ? [] : [`scaled by ${scale}: figures of a trial, not of a measurement`]),
  ];
  const pictures = curves.map((result) => `![${result.curve.title}](${pictureOf(result)})`);
  const parts = [
    '# Foghorn beside what people would pick instead',
    `${machine}; ${date.slice(0, 10)}; ${extent.join(', ')}.`,
    `To flush 4 KiB to this disk takes ${flush.median.toFixed(2)} ms (${flush.min.toFixed(2)} to ${flush.max.toFixed(2)}).`,
    'Ratios are of medians of this run: Foghorn by the peer. What is measured how, and what it does not show: `bench/README.md`.',
    ...(rows.length === 0
      ? []
      : [comparisonTable(rows), '## What else was seen', detailTable(rows)]),
    ...(curves.length === 0 ? [] : ['## How it grows', ...pictures]),
  ];
  return `${parts.join('\n\n')}\n`;
}
