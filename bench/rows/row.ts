/** A row of the table: the same work, done by Foghorn and by its peers. */
export interface Row {
  /** Name on the command line: `--rows fan-out-10,start`. */
  readonly name: string;
  /** Description in the table. */
  readonly work: string;
  /** `events/s`, `ms`, `KiB`, … */
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** Foghorn first, then its peers. */
  readonly contenders: readonly Contender[];
  readonly targets: readonly Target[];
}

export interface Contender {
  readonly name: string;
  readonly version: string;
  /** Reason why the contender cannot take part; undefined if it can. */
  readonly missing: string | undefined;
  run(): Promise<Sample>;
}

export interface Sample {
  readonly value: number;
  /** More figures for the JSON and the details: p50, p99, µs of CPU per event by process, … */
  readonly details: Readonly<Record<string, number>>;
}

/**
 * Target for Foghorn's median: a ratio to the median of the contender named `peer`, or a bound in
 * the row's unit. It is a minimum where `more` is better, otherwise a maximum.
 */
export type Target =
  | {
      readonly kind: 'ratio';
      readonly peer: string;
      readonly reach: number;
      readonly stretch: number;
    }
  | { readonly kind: 'bound'; readonly reach: number; readonly stretch: number };

/** A figure as a function of x, drawn as one curve per contender. */
export interface Curve {
  readonly name: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xs: readonly number[];
  readonly contenders: readonly CurveContender[];
}

export interface CurveContender {
  readonly name: string;
  readonly missing: string | undefined;
  run(x: number): Promise<number>;
}
