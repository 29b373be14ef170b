import type { Sink } from '../../cli/with-sink.js';
import type { Engine } from './engine.js';
import type { EngineWatch } from './engine-watch.js';
import type { Recorder } from './recorder.js';

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
