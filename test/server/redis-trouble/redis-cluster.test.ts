import { RedisCluster } from '../../support/redis/redis-cluster.js';
import { makeRedisPlace } from '../../support/redis/redis-place.js';
import { describeEventStore } from '../../../conformance/store/index.js';

describe('three masters', () => {
  let cluster: RedisCluster;

  before(async () => {
    cluster = await RedisCluster.start();
  });
  after(() => cluster.stop());

  describeEventStore('redis cluster', {
    durability: 'fsync',
    survives: true,
    makePlace: () => Promise.resolve(makeRedisPlace(cluster.url, () => cluster.clients)),
  });
});
