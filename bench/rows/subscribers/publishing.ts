import type { UnaryPublisherSettings } from '../../loads/unary-publisher.js';
import { startLoad } from '../../support/load.js';
import { measure } from '../../support/measure.js';
import { withResources } from '../../support/resources.js';
import { cpuDetails } from '../cpu-details.js';
import { EVENT_BYTES } from '../event-bytes.js';
import type { BenchOptions } from '../options.js';
import type { Sample } from '../row.js';
import { Crowd } from './crowd.js';
import type { EventServerKind } from './event-server.js';

const IN_FLIGHT = 64;
const SUBSCRIBERS_PER_CONNECTION = 100;

/**
 * Rate of acknowledged events of one publisher, one call per event, with subscribers of one
 * container each. Every event has exactly one subscriber; the round fails unless each of them gets
 * all of its events.
 */
export function measurePublishing(
  kind: EventServerKind,
  subscribers: number,
  { seconds, warmUp, profile }: BenchOptions,
): Promise<Sample> {
  return withResources(async (defer) => {
    const server = await kind.start(defer);
    const crowd = await Crowd.start(server, containerSubscribers(subscribers), defer);
    const settings: UnaryPublisherSettings = {
      address: server.address,
      bytes: EVENT_BYTES,
      containers: subscribers,
      inFlight: IN_FLIGHT,
      seconds,
      warmUp,
    };
    const publisher = await startLoad('unary-publisher', settings, profile);
    defer(() => publisher.kill());
    const pids = { server: server.pid, subscribers: crowd.pid, publisher: publisher.pid };
    const { round, acknowledged } = await measure(publisher, pids);
    const undelivered = acknowledged - (await crowd.arrived());
    await crowd.hasAll(acknowledged);
    const { rate, p50, p99, cpu } = round;
    const details = { 'p50 ms': p50, 'p99 ms': p99, 'not delivered at the end': undelivered };
    return { value: rate, details: { ...details, ...cpuDetails(cpu) } };
  });
}

/** Subscribers of one container each. */
export function containerSubscribers(count: number) {
  const connections = Math.ceil(count / SUBSCRIBERS_PER_CONNECTION);
  return { count, connections, interest: 'one container', stuck: false } as const;
}
