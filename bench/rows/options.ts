/** Settings of a run, for its rows and curves. */
export interface BenchOptions {
  readonly rounds: number;
  /** Measured seconds of each round, for work without an end. */
  readonly seconds: number;
  /** Seconds before the measured ones. */
  readonly warmUp: number;
  /** Factor of the number of events, for work with an end; below 1 only for trials. */
  readonly scale: number;
  /** Directory for CPU profiles of our own processes; undefined for no profiles. */
  readonly profile: string | undefined;
  /** Another checkout whose built broker is measured; undefined for this one's sources. */
  readonly checkout: string | undefined;
}

/** A number of events times the scale, but at least as many as it takes to measure anything. */
export function scaled({ scale }: BenchOptions, count: number, least = 1000): number {
  return Math.max(least, Math.round(count * scale));
}
