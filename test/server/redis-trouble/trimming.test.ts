import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { systemClock } from '../../../protocol/clock.js';
import { settingsOf } from '../../../conformance/store/store-under-test.js';
import { RedisStore } from '../../../server/history/redis/redis-store.js';
import { RedisServer } from '../../support/redis/redis-server.js';

const LIMITS = {
  age: 1n,
  bytes: 1,
  entries: 1,
  lastingAge: 1n,
  lastingBytes: 1,
};

describe('trimming a history whose Redis is away', () => {
  let redis: RedisServer;
  let store: RedisStore;

  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await store.close();
    await redis.stop();
  });

  for (const [how, clock] of [
    ["that trusts the broker's clock", {}],
    ["that compares the broker's clock with that of Redis", { clockTolerance: 60 }],
  ] as const) {
    it(`fails for now, in a store ${how}`, async () => {
      const settings = settingsOf(systemClock, { entries: 1000, age: 3600n * 1_000_000_000n });
      const warn = (): void => {};
      store = await RedisStore.open(redis.url, settings, {
        allowEviction: false,
        warn,
        ...clock,
      });
      await redis.kill();
      const failure = await store.trim(LIMITS).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(FoghornError);
      expect(failure).to.have.property('code', 'UNAVAILABLE');
    });
  }
});
