import type { Contender, Curve, CurveContender, Row, Sample } from '../rows/row.js';

/** What came of one contender: as many samples as there were rounds, or why not. */
export interface Outcome<Who, Result> {
  readonly contender: Who;
  readonly results: readonly Result[];
  /** It was there, and a round went wrong: what it had shown before does not count. */
  readonly failure: string | undefined;
}

export interface RowResult {
  readonly row: Row;
  readonly outcomes: readonly Outcome<Contender, Sample>[];
}

export interface CurveResult {
  readonly curve: Curve;
  /** One figure for each x. */
  readonly outcomes: readonly Outcome<CurveContender, number>[];
}

type Tell = (line: string) => void;

/**
 * Measures each in turn, so often, so that a machine that becomes slower meanwhile does so for all
 * of them alike.
 *
 * @param tell is told each round as it ends
 */
export async function measureRow(row: Row, rounds: number, tell: Tell): Promise<RowResult> {
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1);
  const outcomes = await inTurn(row.contenders, numbers, async (contender, round) => {
    const sample = await contender.run();
    tell(`${row.name}, round ${round}: ${contender.name}: ${sample.value.toFixed(3)} ${row.unit}`);
    return sample;
  });
  tellFailures(row.name, outcomes, tell);
  return { row, outcomes };
}

/** Measures all at the first x, then all at the next one, once. @param tell is told each point */
export async function measureCurve(curve: Curve, tell: Tell): Promise<CurveResult> {
  const outcomes = await inTurn(curve.contenders, curve.xs, async (contender, x) => {
    const y = await contender.run(x);
    tell(`${curve.name}, ${x} ${curve.xLabel}: ${contender.name}: ${y.toFixed(3)} ${curve.yLabel}`);
    return y;
  });
  tellFailures(curve.name, outcomes, tell);
  return { curve, outcomes };
}

/** One that fails takes no further part. */
async function inTurn<Who extends { readonly missing: string | undefined }, Turn, Result>(
  contenders: readonly Who[],
  turns: readonly Turn[],
  run: (contender: Who, turn: Turn) => Promise<Result>,
): Promise<Outcome<Who, Result>[]> {
  const outcomes = contenders.map((contender) => ({
    contender,
    results: [] as Result[],
    failure: undefined as string | undefined,
  }));
  for (const turn of turns) {
    for (const outcome of outcomes) {
      if (outcome.contender.missing !== undefined || outcome.failure !== undefined) continue;
      try {
        outcome.results.push(await run(outcome.contender, turn));
      } catch (error) {
        outcome.failure = (error as Error).message;
      }
    }
  }
  return outcomes.map((outcome) =>
    outcome.failure === undefined ? outcome : { ...outcome, results: [] },
  );
}

function tellFailures(
  name: string,
  outcomes: readonly Outcome<{ readonly name: string }, unknown>[],
  tell: Tell,
): void {
  for (const { contender, failure } of outcomes) {
    if (failure !== undefined) tell(`${name}: ${contender.name} failed: ${failure}`);
  }
}
