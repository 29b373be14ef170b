import type { DiskSpace } from '../disk-watch.js';
import type { Buckets } from './buckets.js';
import { scrape, type MetricSources } from './scrape.js';

/** The speed and the space of a broker at a moment, for those who do not read metrics. */
export interface BrokerActivity {
  readonly appends: Buckets;
  readonly flushes: Buckets;
  readonly checkpoints: Buckets;
  /** Undefined for a store that is not in Redis. */
  readonly redis: { readonly roundTrips: Buckets; readonly reconnects: number } | undefined;
  /** Undefined for a store that has no disk of its own. */
  readonly disk: DiskSpace | undefined;
  /** See `headroomSeconds`. */
  readonly headroomSeconds: number | undefined;
  readonly openWaits: number;
}

/** Never rejects: what a broken part would say is undefined. */
export async function brokerActivity(sources: MetricSources): Promise<BrokerActivity> {
  const { statistics, isInRedis, waits, space, headroom } = await scrape(sources);
  const { appends, flushes, checkpoints, roundTrips, reconnects } = statistics;
  return {
    ...{ appends, flushes, checkpoints },
    redis: isInRedis ? { roundTrips, reconnects } : undefined,
    disk: space,
    headroomSeconds: headroom,
    openWaits: waits.count,
  };
}
