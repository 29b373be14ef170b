import type { DockerBridgeParts } from './docker/bridge-parts.js';
import { EngineWatch } from './docker/engine-watch.js';
import { fillInMissedDies } from './docker/missed-dies.js';
import { recordEngine } from './docker/record-engine.js';
import { Recorder } from './docker/recorder.js';

/**
 * Stores the events of a Docker engine in its order until it is told to stop, and with them the ends of containers that the engine
 * missed.
 *
 * @throws FoghornError when either side answers that it does not offer the call.
 */
export async function bridgeDocker(parts: DockerBridgeParts): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([parts.signal, failed.signal]);
  const bridge = { ...parts, signal, recorder: new Recorder(parts), watch: new EngineWatch() };
  const works = [recordEngine(bridge), fillInMissedDies(bridge), bridge.recorder.run(signal)];
  const ends = works.map((work) =>
    work.catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(ends);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
