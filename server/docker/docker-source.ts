import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import type { RunSource } from '../runs/exit-wait.js';
import type { DockerEvents } from './docker-events.js';

/** The sources of answers to Docker clients. */
export interface DockerSource extends RunSource {
  readonly events: DockerEvents;
  /** The containerd namespace that is shown. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Logger;
}
