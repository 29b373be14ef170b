/** Extent of a read of a whole history. */
export interface ReadThroughSettings {
  /** Events read before the measured time. */
  readonly warmUp: number;
  /** Events in the history. */
  readonly events: number;
}

export interface ReadThroughReport {
  readonly seconds: number;
}

/**
 * Reads a history from its beginning: first a part as the warm-up, then all of it between the lines
 * `begin` and `end`. Prints a `ReadThroughReport` as a line of JSON.
 *
 * @param read reads up to `most` events from the beginning and resolves with their number
 */
export async function readThrough(
  read: (most: number) => Promise<number>,
  { warmUp, events }: ReadThroughSettings,
): Promise<void> {
  await read(warmUp);
  console.log('begin');
  const begun = performance.now();
  const count = await read(events);
  const report: ReadThroughReport = { seconds: (performance.now() - begun) / 1000 };
  console.log('end');
  if (count !== events) throw new Error(`expected ${events} events, read ${count}`);
  console.log(JSON.stringify(report));
}
