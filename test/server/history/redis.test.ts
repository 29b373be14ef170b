import { Redis } from 'ioredis';
import type { Durability } from '../../../server/history/store.js';
import { makeRedisLocation } from '../../support/redis/redis-location.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { describeEventStore } from '../../../conformance/store/index.js';
import { RANDOM_HISTORIES } from '../../../conformance/store/driver.js';
import { runs } from '../../support/property-runs.js';

/** A Redis to use, with keys of our own; undefined to start one, see `redisServerCommand`. */
const given = process.env.REDIS_URL;

const frame = { describe, it, beforeEach, afterEach };

describe('one Redis', () => {
  let server: RedisServer | undefined;
  let url: string;
  let client: Redis;
  let durability: Durability = 'fsync';

  before(async () => {
    if (given === undefined || given === '') {
      server = await RedisServer.start();
      url = server.url;
    } else {
      url = given;
    }
    client = new Redis<'legacy'>(url);
    durability = await durabilityOf(client);
  });
  after(async () => {
    client.disconnect();
    await server?.stop();
  });

  describeEventStore(frame, {
    name: 'redis',
    get durability() {
      return durability;
    },
    persistent: true,
    damageable: true,
    randomHistories: runs(RANDOM_HISTORIES).numRuns,
    makeLocation: () => Promise.resolve(makeRedisLocation(url, () => [client])),
  });
});

async function durabilityOf(client: Redis): Promise<Durability> {
  const [, appendOnly] = await client.config('GET', 'appendonly');
  const [, fsync] = await client.config('GET', 'appendfsync');
  if (appendOnly !== 'yes') return 'memory';
  return fsync === 'always' ? 'fsync' : fsync === 'no' ? 'os' : 'second';
}
