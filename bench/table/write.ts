import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lineChart } from '../chart/line-chart.js';
import type { CurveResult } from './in-turn.js';

/** Writes a file and creates missing directories. */
export function writeFile(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Writes a picture for each curve. */
export function writeCurves(directory: string, results: readonly CurveResult[]): void {
  for (const result of results) writeFile(join(directory, pictureOf(result)), picture(result));
}

/** File name of a curve's picture. */
export function pictureOf({ curve: { name } }: CurveResult): string {
  return `${name}.svg`;
}

function picture({ curve, outcomes }: CurveResult): string {
  const { title, xLabel, yLabel, xs } = curve;
  const lines = outcomes.map(({ contender: { name, missing }, results, failure }) => ({
    name:
      missing === undefined
        ? `${name}${failure === undefined ? '' : ' (failed)'}`
        : `${name} (missing)`,
    ys: results,
  }));
  return lineChart({ title, xLabel, yLabel, xs, lines });
}
