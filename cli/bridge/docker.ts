import type { Engine } from './docker/engine.js';
import { EngineWatch } from './docker/engine-watch.js';
import { fillInMissedDies } from './docker/missed-dies.js';
import { recordEngine } from './docker/record-engine.js';
import { Recorder } from './docker/recorder.js';
import type { Sink } from './with-sink.js';

export interface DockerBridgeParts extends Sink {
  readonly engine: Engine;
  /** The containerd namespace that the events are stored in. */
  readonly namespace: string;
}

/** What the parts of the bridge share. */
export interface DockerBridge extends DockerBridgeParts {
  readonly recorder: Recorder;
  readonly watch: EngineWatch;
}

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
