import type { RecorderContext } from '../contracts.js';
import type { Following } from '../following.js';
import type { StoreQueue } from '../store-queue.js';
import type { ReceivedEvents } from './received-events.js';
import type { EngineStatus } from './engine-status.js';
import type { Engine } from './engine.js';
import type { DockerRecorderTimings } from './timings.js';

export interface DockerRecorderParts extends RecorderContext {
  readonly engine: Engine;
  /** The containerd namespace that the events are stored in. */
  readonly namespace: string;
  readonly timings: DockerRecorderTimings;
}

/** The state that the tasks of a Docker recorder share. */
export interface DockerRecorderContext extends DockerRecorderParts {
  readonly queue: StoreQueue;
  readonly engineStatus: EngineStatus;
  readonly received: ReceivedEvents;
  readonly following: Following;
}
