/** One line of the table: the same work, done by Foghorn and by its peers. */
export interface Row {
  /** On the command line: `--rows fan-out-10,start`. */
  readonly name: string;
  /** As the table shows it. */
  readonly work: string;
  /** `events/s`, `ms`, `KiB`, … */
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** Foghorn first, then the peers. */
  readonly contenders: readonly Contender[];
  readonly targets: readonly Target[];
}

export interface Contender {
  readonly name: string;
  readonly version: string;
  /** Why it cannot take part. */
  readonly missing: string | undefined;
  run(): Promise<Sample>;
}

export interface Sample {
  readonly value: number;
  /** More figures for the JSON and the small print: p50, p99, µs of CPU per event by process, … */
  readonly details: Readonly<Record<string, number>>;
}

/**
 * What Foghorn's median should be: beside a peer's, so many times as much (where `less` is better,
 * at most so many times as much); or an absolute bound in the row's unit where there is no peer.
 * `peer` is the contender's name.
 */
export type Target =
  | {
      readonly kind: 'ratio';
      readonly peer: string;
      readonly reach: number;
      readonly stretch: number;
    }
  | { readonly kind: 'bound'; readonly reach: number; readonly stretch: number };

/** How a figure grows: points in turn, drawn as one curve per contender. */
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
