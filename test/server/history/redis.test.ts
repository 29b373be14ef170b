import { Redis } from 'ioredis';
import type { StoreDurability } from '../../../server/history/store.js';
import { makeRedisPlace } from '../../support/redis/redis-place.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { describeEventStore } from '../../../conformance/store/index.js';

/** Somebody's Redis, which is used with keys of our own, or a process of ours; see `redisServerCommand`. */
const given = process.env.REDIS_URL;

describe('one Redis', () => {
  let server: RedisServer | undefined;
  let url: string;
  let client: Redis;
  let durability: StoreDurability = 'fsync';

  before(async () => {
    if (given === undefined || given === '') {
      server = await RedisServer.start();
      url = server.url;
    } else {
      url = given;
    }
    client = new Redis(url);
    durability = await durabilityOf(client);
  });
  after(async () => {
    client.disconnect();
    await server?.stop();
  });

  describeEventStore('redis', {
    get durability() {
      return durability;
    },
    survives: true,
    makePlace: () => Promise.resolve(makeRedisPlace(url, () => [client])),
  });
});

async function durabilityOf(client: Redis): Promise<StoreDurability> {
  const [, appendOnly] = await client.config('GET', 'appendonly');
  const [, fsync] = await client.config('GET', 'appendfsync');
  if (appendOnly !== 'yes') return 'memory';
  return fsync === 'always' ? 'fsync' : fsync === 'no' ? 'os' : 'second';
}
