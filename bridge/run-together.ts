/**
 * Runs the tasks of a recorder until all have ended. Their signal aborts with the given one, and
 * when one of them fails; the first failure is then thrown.
 */
export async function runTogether(
  stopped: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const tasks = start(AbortSignal.any([stopped, failed.signal])).map((task) =>
    task.catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(tasks);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
