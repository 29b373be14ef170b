import { checkoutName } from '../support/checkout.js';
import type { Summary } from '../support/summary.js';
import type { BenchOptions } from '../rows/options.js';
import type { CurveResult, RowResult } from './in-turn.js';
import { comparisonTable, detailTable } from './markdown.js';
import { pictureOf } from './write.js';

export interface Head {
  readonly machine: string;
  /** See `flushTime`. */
  readonly flush: Summary;
  readonly date: string;
  readonly options: BenchOptions;
  /** The other checkout of a comparison of builds. */
  readonly beside: string | undefined;
}

/** The results of a run, as Markdown. */
export function page(
  { machine, flush, date, options, beside }: Head,
  rows: readonly RowResult[],
  curves: readonly CurveResult[],
): string {
  const { rounds, seconds, warmUp, scale } = options;
  const extent = [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    `${seconds} s each after ${warmUp} s of warm-up`,
    ...(scale === 1 ? [] : [`scaled by ${scale}: figures of a trial, not of a measurement`]),
  ];
  const title =
    beside === undefined
      ? 'Foghorn beside its alternatives'
      : `Foghorn beside ${checkoutName(beside)}`;
  const pictures = curves.map((result) => `![${result.curve.title}](${pictureOf(result)})`);
  const parts = [
    `# ${title}`,
    `${machine}; ${date.slice(0, 10)}; ${extent.join(', ')}.`,
    `Flushing 4 KiB to this disk takes ${flush.median.toFixed(2)} ms (${flush.min.toFixed(2)} to ${flush.max.toFixed(2)}).`,
    'A ratio is the median of Foghorn divided by that of the other. See `bench/README.md` for how each row is measured, and for what the figures do not show.',
    ...(rows.length === 0 ? [] : [comparisonTable(rows), '## Details', detailTable(rows)]),
    ...(curves.length === 0 ? [] : ['## Curves', ...pictures]),
  ];
  return `${parts.join('\n\n')}\n`;
}
