import { join } from 'node:path';
import { JetStream } from '../servers/jetstream.js';
import { startRedis } from '../servers/redis.js';
import { startLoad } from '../support/load.js';
import { withResources } from '../support/resources.js';
import { directoryOfRun } from '../support/temporary-directory.js';
import { EVENT_BYTES } from './event-bytes.js';
import { scaled, type Options } from './options.js';
import { EVENTS_PER_CONTAINER, ourHistory } from './our-history.js';

/** Of a Redis that is filled. */
export const REDIS_STREAM = 'events';

const IN_FLIGHT = 512;
/** Seconds in which a peer is filled. */
const PATIENCE = 600;

/** How many events a history has, and how many containers they are about, in turn. */
export function historyExtent(options: Options): { events: number; containers: number } {
  const containers = Math.round(scaled(options, 1_000_000, 10_000) / EVENTS_PER_CONTAINER);
  return { events: containers * EVENTS_PER_CONTAINER, containers };
}

/**
 * Directories with a history each, which are filled when they are first asked for and then start
 * every round.
 */
class Histories {
  readonly #filled = new Map<string, Promise<string>>();

  /** @param fill is given a directory that is empty */
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

/** A directory for `startFoghorn`. */
export function foghornHistory(options: Options): Promise<string> {
  return ourHistory(historyExtent(options).events);
}

/** A directory for `JetStream.start`. */
export function jetStreamHistory(options: Options): Promise<string> {
  return histories.get('JetStream', (directory) =>
    withResources(async (defer) => {
      const server = await JetStream.start(defer, directory);
      await server.createStream();
      const { events, containers } = historyExtent(options);
      await fill('jetstream-publisher', { port: server.port, containers }, events);
    }),
  );
}

/** A copy of a Redis's data. */
export async function redisHistory(options: Options): Promise<string> {
  const directory = await histories.get('Redis', (empty) =>
    withResources(async (defer) => {
      const { server } = await startRedis(defer, 'everysec');
      const { events } = historyExtent(options);
      await fill('redis-plain', { port: server.port, stream: REDIS_STREAM }, events);
      // It flushes what it has when it is asked to end.
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
    { ...where, ...extent, warmUp: 0, seconds: PATIENCE },
    undefined,
  );
  await load.ended();
}
