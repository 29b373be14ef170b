import type { CurveResult, RowResult } from './in-turn.js';
import { comparisons, summaryOf } from './verdict.js';

/** All results as one JSON value. */
export function json(rows: readonly RowResult[], curves: readonly CurveResult[]): object {
  return { rows: rows.map(rowJson), curves: curves.map(curveJson) };
}

function rowJson(result: RowResult): object {
  const { row, outcomes } = result;
  const { name, work, unit, better } = row;
  return {
    name,
    work,
    unit,
    better,
    contenders: outcomes.map((outcome) => ({
      ...who(outcome),
      version: outcome.contender.version,
      ...summaryOf(outcome),
      samples: outcome.results,
    })),
    comparisons: comparisons(result).map(({ peer, figure, target, reached, stretched }) => ({
      peer: peer?.contender.name,
      figure,
      reach: target?.reach,
      reached,
      stretch: target?.stretch,
      stretched,
    })),
  };
}

function curveJson({ curve, outcomes }: CurveResult): object {
  const { name, title, xLabel, yLabel, xs } = curve;
  const contenders = outcomes.map((outcome) => ({ ...who(outcome), ys: outcome.results }));
  return { name, title, xLabel, yLabel, xs, contenders };
}

function who({
  contender: { name, missing },
  failure,
}: {
  readonly contender: { readonly name: string; readonly missing: string | undefined };
  readonly failure: string | undefined;
}): object {
  return { name, missing, failure };
}
