import { join } from 'node:path';
import { JetStream } from '../servers/jetstream.js';
import { startRedis } from '../servers/redis.js';
import { startLoad } from '../support/load.js';
import { withResources } from '../support/resources.js';
import { directoryOfRun } from '../support/temporary-directory.js';
import { EVENT_BYTES } from './event-bytes.js';
import { scaled, type BenchOptions } from './options.js';
import { EVENTS_PER_CONTAINER, ourHistory } from './our-history.js';

/** Key of the stream in a filled Redis. */
export const REDIS_STREAM = 'events';

const IN_FLIGHT = 512;
const FILL_TIMEOUT_SECONDS = 600;

/** Number of events in a history, and of the containers that they are about in rotation. */
export function historyExtent(options: BenchOptions): { events: number; containers: number } {
  const containers = Math.round(scaled(options, 1_000_000, 10_000) / EVENTS_PER_CONTAINER);
  return { events: containers * EVENTS_PER_CONTAINER, containers };
}

/** Directories with a history each, filled on first use and reused by every round. */
class Histories {
  readonly #filled = new Map<string, Promise<string>>();

  /** @param fill fills an empty directory */
  get(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
    const known = this.#filled.get(name);
    if (known !== undefined) return known;
    const directory = directoryOfRun();
    const filled = fill(directory).then(() => directory);
    this.#filled.set(name, filled);
    return filled;
  }
}

const histories = new Histories();

/** Resolves with a directory for `startFoghorn`. */
export function foghornHistory(options: BenchOptions): Promise<string> {
  return ourHistory(historyExtent(options).events);
}

/** Resolves with a directory for `JetStream.start`. */
export function jetStreamHistory(options: BenchOptions): Promise<string> {
  return histories.get('JetStream', (directory) =>
    withResources(async (defer) => {
      const server = await JetStream.start(defer, directory);
      await server.createStream();
      const { events, containers } = historyExtent(options);
      await fill('jetstream-publisher', { port: server.port, containers }, events);
    }),
  );
}

/** Resolves with a directory that holds a copy of a Redis's data. */
export async function redisHistory(options: BenchOptions): Promise<string> {
  const directory = await histories.get('Redis', (empty) =>
    withResources(async (defer) => {
      const { server } = await startRedis(defer, 'everysec');
      const { events } = historyExtent(options);
      await fill('redis-plain', { port: server.port, stream: REDIS_STREAM }, events);
      // SIGTERM makes Redis flush its data before it ends.
      await server.kill('SIGTERM');
      server.copyData(join(empty, 'data'));
    }),
  );
  return join(directory, 'data');
}

async function fill(name: string, where: object, events: number): Promise<void> {
  const extent = { bytes: EVENT_BYTES, inFlight: IN_FLIGHT, most: events };
  const load = await startLoad(
    name,
    { ...where, ...extent, warmUp: 0, seconds: FILL_TIMEOUT_SECONDS },
    undefined,
  );
  await load.ended();
}
