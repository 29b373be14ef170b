import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import type { Broker } from '../broker/broker.js';
import type { LiveFeed } from './live-feed.js';

/** What Docker clients are answered from. */
export interface StreamSource {
  readonly broker: Broker;
  readonly feed: LiveFeed;
  /** The containerd namespace that is shown. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Logger;
}
