import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { JETSTREAM, JetStream } from '../servers/jetstream.js';
import { IOREDIS, startRedis } from '../servers/redis.js';
import { checkHistory } from '../support/history.js';
import { startLoad } from '../support/load.js';
import { measure } from '../support/measure.js';
import { withResources, type Defer } from '../support/resources.js';
import { cpuDetails } from './cpu-details.js';
import { EVENT_BYTES } from './event-bytes.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const IN_FLIGHT = 512;
export const CONTAINERS = 100;
const STREAM = 'events';

/** A server, and the load that stores events in it. */
export interface Store {
  readonly pid: number;
  /** A program of `bench/loads`, and its settings apart from duration and intensity. */
  readonly load: { readonly name: string; readonly settings: object };
  /** Rejects unless the server has kept exactly this many events. */
  readonly check: (count: number) => Promise<void>;
}

/** Client libraries in their usual way of use: one call per event, many calls under way. */
export function append(options: BenchOptions): Row {
  return {
    name: 'append',
    work: `storing events through the client library, ${IN_FLIGHT} in flight`,
    unit: 'events/s',
    better: 'more',
    contenders: [
      storing(FOGHORN, options, (defer) => foghorn(options, defer)),
      storing(JETSTREAM, options, jetStream),
      storing(IOREDIS, options, redis),
    ],
    targets: [
      { kind: 'ratio', peer: JETSTREAM.name, reach: 5, stretch: 15 },
      { kind: 'ratio', peer: IOREDIS.name, reach: 1.5, stretch: 4 },
    ],
  };
}

async function foghorn(options: BenchOptions, defer: Defer): Promise<Store> {
  const { pid, address } = await startFoghorn(options, defer);
  const load = { name: 'publisher', settings: { address, containers: CONTAINERS } };
  return { pid, load, check: (count) => checkHistory(address, count) };
}

/** Acknowledges events before they are on disk: by default JetStream flushes every two minutes. */
async function jetStream(defer: Defer): Promise<Store> {
  const server = await JetStream.start(defer);
  await server.createStream();
  const { pid, port } = server;
  const load = { name: 'jetstream-publisher', settings: { port, containers: CONTAINERS } };
  const check = async (count: number): Promise<void> => {
    checkCount(await server.count(), count);
  };
  return { pid, load, check };
}

async function redis(defer: Defer): Promise<Store> {
  const { server, pid } = await startRedis(defer, 'always');
  const load = { name: 'redis-plain', settings: { port: server.port, stream: STREAM } };
  const check = async (count: number): Promise<void> => {
    checkCount(await server.client().xlen(STREAM), count);
  };
  return { pid, load, check };
}

function checkCount(stored: number, acknowledged: number): void {
  if (stored === acknowledged) return;
  throw new Error(`${acknowledged} events were acknowledged, and ${stored} are stored`);
}

/** A contender that stores events, `IN_FLIGHT` of them under way. */
export function storing(
  who: Omit<Contender, 'run'>,
  { seconds, warmUp, profile }: BenchOptions,
  start: (defer: Defer) => Promise<Store>,
): Contender {
  const run = (): Promise<Sample> =>
    withResources(async (defer) => {
      const { pid, load, check } = await start(defer);
      const settings = {
        ...load.settings,
        bytes: EVENT_BYTES,
        inFlight: IN_FLIGHT,
        seconds,
        warmUp,
      };
      const client = await startLoad(load.name, settings, profile);
      defer(() => client.kill());
      const { round, acknowledged } = await measure(client, { client: client.pid, server: pid });
      await check(acknowledged);
      await client.ended();
      const { rate, p50, p99, cpu } = round;
      const details = { 'p50 ms': p50, 'p99 ms': p99 };
      return { value: rate, details: { ...details, ...cpuDetails(cpu) } };
    });
  return { ...who, run };
}
