import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../test/support/redis/redis-server.js';
import type { PlainSettings } from '../loads/redis-plain.js';
import { builtMain } from '../../test/support/processes/build.js';
import { profiled, startLoad } from '../support/load.js';
import { measure, type Round } from '../support/measure.js';
import { Program } from '../support/program.js';
import { withResources } from '../support/resources.js';
import type { Alternating } from '../support/rounds.js';
import type { RedisBenchOptions } from './options.js';
import { checkPlain, checkPublished } from './stored.js';

const STREAM = 'plain';
/** Automatic rewrites of the append-only file are off, because they would disturb later rounds. */
const REDIS_ARGS = ['--appendfsync', 'everysec', '--auto-aof-rewrite-percentage', '0'];

/** Starts an empty Redis for each round. */
function startRedis(): Promise<RedisServer> {
  return RedisServer.start({ args: REDIS_ARGS });
}

/**
 * One plain client of Redis. A round rejects unless exactly the acknowledged entries are stored.
 */
export function plainClient(options: RedisBenchOptions, inFlight: number): Alternating<Round> {
  const run = (): Promise<Round> =>
    withResources(async (defer) => {
      const redis = await startRedis();
      defer(() => redis.stop());
      const { bytes, seconds, warmUp } = options;
      const settings: PlainSettings = {
        port: redis.port,
        stream: STREAM,
        bytes,
        inFlight,
        seconds,
        warmUp,
      };
      const client = await startLoad('redis-plain', settings, options.profile);
      defer(() => client.kill());
      const { round, acknowledged } = await measure(client, {
        client: client.pid,
        ...pidOf(redis),
      });
      await checkPlain(redis, STREAM, acknowledged);
      await client.ended();
      return round;
    });
  return { name: `ioredis XADD, ${inFlight} in flight`, run };
}

/** A broker, and a program that calls the client library once per event; rejects as above. */
export function publisher(options: RedisBenchOptions, inFlight: number): Alternating<Round> {
  const name = `Foghorn over ${options.store}, client.publish, ${inFlight} in flight`;
  return { name, run: () => brokerRound(options, 'publisher', { inFlight }) };
}

/** A broker, and a program that sends prepared batches by History.Append; rejects as above. */
export function batches(
  options: RedisBenchOptions,
  batch: number,
  inFlight: number,
): Alternating<Round> {
  const name = `Foghorn over ${options.store}, Append of ${batch} events, ${inFlight} in flight`;
  return { name, run: () => brokerRound(options, 'batches', { batch, inFlight }) };
}

function brokerRound(options: RedisBenchOptions, load: string, extent: object): Promise<Round> {
  return withResources(async (defer) => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-bench-'));
    defer(() => {
      rmSync(directory, { recursive: true });
    });
    const redis = options.store === 'redis' ? await startRedis() : undefined;
    defer(() => redis?.stop());
    const address = `unix://${directory}/foghorn.sock`;
    const broker = await startBroker(address, redis?.url ?? ownStore(options, directory), options);
    defer(() => broker.kill());
    await broker.line('listening');
    const { bytes, containers, seconds, warmUp } = options;
    const settings = { address, bytes, containers, seconds, warmUp, ...extent };
    const client = await startLoad(load, settings, options.profile);
    defer(() => client.kill());
    const { round, acknowledged } = await measure(client, {
      client: client.pid,
      broker: broker.pid,
      ...(redis && pidOf(redis)),
    });
    await checkPublished(address, redis, acknowledged);
    await client.ended();
    await broker.ended('SIGTERM');
    return round;
  });
}

async function startBroker(
  address: string,
  store: string,
  options: RedisBenchOptions,
): Promise<Program> {
  const main = await builtMain();
  const serve = ['serve', '--grpc', address, '--store', store, '--log-level', 'warn'];
  return Program.node('the broker', [...profiled(options.profile), main, ...serve]);
}

function ownStore({ store }: RedisBenchOptions, directory: string): string {
  return store === 'lmdb' ? `lmdb:${directory}/store` : 'memory:';
}

function pidOf({ pid }: RedisServer): { redis: number } {
  if (pid === undefined) throw new Error('Redis does not run');
  return { redis: pid };
}
