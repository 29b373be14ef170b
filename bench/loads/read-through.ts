/** What a program that reads a history is told besides where it is. */
export interface ReadThroughSettings {
  /** Read before the time is taken. */
  readonly warmUp: number;
  /** All of them. */
  readonly events: number;
}

export interface ReadThroughReport {
  readonly seconds: number;
}

/**
 * Reads a history from its beginning, once in part and then once more to its end, with `begin` and `end` around that and then its
 * report as a line of JSON.
 *
 * @param read resolves with how many it has read: so many, or fewer when there are no more
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
