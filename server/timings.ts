/** Limits in milliseconds on how long a broker waits. They are not options of the command line. */
export interface ServerTimings {
  /** For clients to receive what is on its way to them, once the broker drains. */
  readonly drainMs: number;
  /** Between two passes of retention over the history. */
  readonly trimIntervalMs: number;
  /** For a recorder to bring the history up to date before an answer about the present. */
  readonly recorderAnswerMs: number;
  /** Between two looks at the free space of the store's disk. */
  readonly diskWatchMs: number;
}

export const DEFAULT_TIMINGS: ServerTimings = {
  drainMs: 5000,
  trimIntervalMs: 1000,
  recorderAnswerMs: 2000,
  diskWatchMs: 10_000,
};
