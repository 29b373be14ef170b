import { RedisCluster } from '../../support/redis/redis-cluster.js';
import { makeRedisLocation } from '../../support/redis/redis-location.js';
import { describeEventStore } from '../../../conformance/store/index.js';

const frame = { describe, it, beforeEach, afterEach };

describe('three masters', () => {
  let cluster: RedisCluster;

  before(async () => {
    cluster = await RedisCluster.start();
  });
  after(() => cluster.stop());

  describeEventStore(frame, {
    name: 'redis cluster',
    durability: 'fsync',
    persistent: true,
    damageable: false,
    makeLocation: () => Promise.resolve(makeRedisLocation(cluster.url, () => cluster.clients)),
  });
});
