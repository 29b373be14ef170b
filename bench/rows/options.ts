/** What rows and curves need to know of the run that they are part of. */
export interface Options {
  readonly rounds: number;
  /** Measured in each round, of the work that could go on for ever. */
  readonly seconds: number;
  /** Seconds before that. */
  readonly warmUp: number;
  /** How many times as many events as usual, of the work that has an end; below 1 only to try whether it works. */
  readonly scale: number;
  /** The directory where each of our own processes leaves a CPU profile, if it shall. */
  readonly profile: string | undefined;
}

/** So many, as the scale says, and not fewer than it takes to measure anything. */
export function scaled({ scale }: Options, count: number, least = 1000): number {
  return Math.max(least, Math.round(count * scale));
}
