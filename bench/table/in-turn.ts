import type { Contender, Curve, CurveContender, Row, Sample } from '../rows/row.js';

/** Outcome of one contender: a result for each round, or the reason for having none. */
export interface Outcome<Who, Result> {
  readonly contender: Who;
  readonly results: readonly Result[];
  /** Error of a failed round, which discards the results of earlier rounds. */
  readonly failure: string | undefined;
}

export interface RowResult {
  readonly row: Row;
  readonly outcomes: readonly Outcome<Contender, Sample>[];
}

export interface CurveResult {
  readonly curve: Curve;
  /** Results are one figure for each x. */
  readonly outcomes: readonly Outcome<CurveContender, number>[];
}

type Report = (line: string) => void;

/**
 * Measures all contenders in alternation, so that a machine that slows down affects all alike.
 *
 * @param report called with a line for each round
 */
export async function measureRow(row: Row, rounds: number, report: Report): Promise<RowResult> {
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1);
  const outcomes = await inTurn(row.contenders, numbers, async (contender, round) => {
    const sample = await contender.run();
    const value = `${sample.value.toFixed(3)} ${row.unit}`;
    report(`${row.name}, round ${round}: ${contender.name}: ${value}`);
    return sample;
  });
  reportFailures(row.name, outcomes, report);
  return { row, outcomes };
}

/** Measures all contenders once at each x. @param report called with a line for each point */
export async function measureCurve(curve: Curve, report: Report): Promise<CurveResult> {
  const outcomes = await inTurn(curve.contenders, curve.xs, async (contender, x) => {
    const y = await contender.run(x);
    const value = `${y.toFixed(3)} ${curve.yLabel}`;
    report(`${curve.name}, ${x} ${curve.xLabel}: ${contender.name}: ${value}`);
    return y;
  });
  reportFailures(curve.name, outcomes, report);
  return { curve, outcomes };
}

/** Runs each contender once per round. A contender that fails takes no further part. */
async function inTurn<Who extends { readonly missing: string | undefined }, Round, Result>(
  contenders: readonly Who[],
  rounds: readonly Round[],
  run: (contender: Who, round: Round) => Promise<Result>,
): Promise<Outcome<Who, Result>[]> {
  const outcomes = contenders.map((contender) => ({
    contender,
    results: [] as Result[],
    failure: undefined as string | undefined,
  }));
  for (const round of rounds) {
    for (const outcome of outcomes) {
      if (outcome.contender.missing !== undefined || outcome.failure !== undefined) continue;
      try {
        outcome.results.push(await run(outcome.contender, round));
      } catch (error) {
        outcome.failure = (error as Error).message;
      }
    }
  }
  return outcomes.map((outcome) =>
    outcome.failure === undefined ? outcome : { ...outcome, results: [] },
  );
}

function reportFailures(
  name: string,
  outcomes: readonly Outcome<{ readonly name: string }, unknown>[],
  report: Report,
): void {
  for (const { contender, failure } of outcomes) {
    if (failure !== undefined) report(`${name}: ${contender.name} failed: ${failure}`);
  }
}
