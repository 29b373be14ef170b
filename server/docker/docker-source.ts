import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import type { Broker } from '../broker/broker.js';
import type { Recorders } from '../recorders/recorders.js';
import type { DockerEvents } from './docker-events.js';

/** The sources of answers to Docker clients. */
export interface DockerSource {
  readonly broker: Broker;
  readonly recorders: Recorders;
  readonly events: DockerEvents;
  /** The containerd namespace that is shown. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Logger;
}
