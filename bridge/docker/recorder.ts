import { EngineStatus } from './engine-status.js';
import { followEngine } from './follow-engine.js';
import { fillInMissedDies } from './missed-dies.js';
import type { DockerRecorderParts } from './recorder-context.js';
import { StoreQueue } from './store-queue.js';

/**
 * Stores a Docker engine's events in the engine's order until the signal aborts, together with the
 * ends of containers that the engine missed.
 *
 * @throws FoghornError when either side answers that it does not offer the call.
 */
export async function recordDocker(parts: DockerRecorderParts): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([parts.signal, failed.signal]);
  const queue = new StoreQueue(parts);
  const context = {
    ...parts,
    signal,
    queue,
    engineStatus: new EngineStatus(parts.timings.reportDelay),
  };
  const tasks = [followEngine(context), fillInMissedDies(context), queue.run(signal)].map((task) =>
    task.catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(tasks);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
