import { runTogether } from '../run-together.js';
import { StoreQueue } from '../store-queue.js';
import { EngineStatus } from './engine-status.js';
import { followEngine } from './follow-engine.js';
import { fillInMissedDies } from './missed-dies.js';
import type { DockerRecorderParts } from './recorder-context.js';

/**
 * Stores a Docker engine's events in the engine's order until the signal aborts, together with the
 * ends of containers that the engine missed.
 *
 * @throws FoghornError when either side refuses the calls for good.
 */
export async function recordDocker(parts: DockerRecorderParts): Promise<void> {
  const queue = new StoreQueue(parts);
  const engineStatus = new EngineStatus(parts.timings.reportDelay);
  const followed = new AbortController();
  await runTogether(parts.signal, (signal) => {
    const context = { ...parts, signal, queue, engineStatus };
    const following = followEngine(context).finally(() => {
      followed.abort();
    });
    return [following, fillInMissedDies(context), queue.run(followed.signal)];
  });
}
