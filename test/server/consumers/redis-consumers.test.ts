import { randomUUID } from 'node:crypto';
import { describeConsumerStore } from '../../../conformance/consumers/index.js';
import { RedisConsumerStore } from '../../../server/consumers/redis/redis-consumers.js';
import { RedisServer } from '../../support/redis/redis-server.js';

/** A Redis to use, with keys of our own; undefined to start one, see `redisServerCommand`. */
const given = process.env.REDIS_URL;

const frame = { describe, it, beforeEach, afterEach };

describe('consumers in one Redis', () => {
  let server: RedisServer | undefined;
  let url: string;

  before(async () => {
    if (given === undefined || given === '') {
      server = await RedisServer.start();
      url = server.url;
    } else url = given;
  });
  after(() => server?.stop());

  describeConsumerStore(frame, {
    name: 'redis',
    persistent: true,
    makeLocation: () => {
      const prefix = `test-${randomUUID()}`;
      return Promise.resolve({
        open: () => RedisConsumerStore.open(`${url}?prefix=${prefix}`),
        crash: (store) => store.close(),
        remove: () => Promise.resolve(),
      });
    },
  });
});
