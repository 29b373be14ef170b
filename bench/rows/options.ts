/** What rows and curves need to know of the run that they are part of. */
export interface Options {
  readonly rounds: number;
  /** Measured in each round, of the work that could go on for ever. */
  readonly seconds: number;
  /** Seconds before that. */
  readonly warmUp: number;
  /** How many times as many events as usual, of the work that has an end; below 1 only to try whether it works. */
  readonly scale: number;
}
