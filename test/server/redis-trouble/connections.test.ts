import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import type { Redis } from 'ioredis';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { range } from '../../support/history-seed.js';
import { expectRefusal } from '../../support/refusal.js';
import { freePort } from '../../support/redis/free-port.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { Brokers, follow, forwardAtLast, forwardNumbers } from './brokers.js';

const UNAVAILABLE = 14;
/** Upper limit of the duration of a drain, ms. */
const DRAIN = 10_000;

describe('two brokers whose Redis', () => {
  let redis: RedisServer;
  let admin: Redis;
  let brokers: Brokers;
  let clients: readonly [TestClient, TestClient];

  beforeEach(async () => {
    redis = await RedisServer.start();
    admin = redis.client();
    brokers = await Brokers.start(redis.url);
    ({ clients } = brokers);
    await forwardNumbers(clients[0], 1, 20);
  });
  afterEach(async () => {
    redis.resume();
    await brokers.stop();
    await redis.stop();
  });

  /** Expects each event up to a number once, and both readers to have received all of them. */
  async function expectToGoOn(act: () => Promise<void>): Promise<void> {
    const readers = await Promise.all(clients.map((client) => follow(client, 20)));
    await act();
    for (const client of clients) await forwardAtLast(client, 21);
    await Promise.all([forwardNumbers(clients[0], 22, 40), forwardNumbers(clients[1], 41, 60)]);
    for (const reader of readers) {
      const all = await reader.when((sofar) => entriesOf(sofar).length >= 60);
      expect(offsetsOf(all)).to.deep.equal(range(1, 60));
      const numbers = entriesOf(all).map(numberOf);
      expect(numbers.sort((a, b) => a - b)).to.deep.equal(range(1, 60));
    }
  }

  it('forgets its scripts keep working', () =>
    expectToGoOn(async () => {
      await admin.script('FLUSH');
    }));

  it('cuts connections store each event once', () =>
    expectToGoOn(async () => {
      const published = range(1, 60).map((n) => forwardAtLast(clients[n % 2]!, n));
      for (let round = 0; round < 10; round++) {
        await cutConnections(admin);
        await forwardAtLast(clients[0], 1);
      }
      await Promise.all(published);
    }));

  it('becomes a replica report that, and work again when it is a master', () =>
    expectToGoOn(async () => {
      await admin.replicaof('127.0.0.1', await freePort());
      for (const client of clients) {
        const text = await expectRefusal(client.forward(exitEnvelope(21)), UNAVAILABLE);
        expect(text).to.contain(`127.0.0.1:${redis.port}`);
      }
      await admin.replicaof('NO', 'ONE');
    }));

  it('requires another password refuse events, and work again when it accepts theirs', () =>
    expectToGoOn(async () => {
      await admin.config('SET', 'requirepass', 'sesame');
      const stranger = redis.client({ password: 'sesame' });
      await cutConnections(stranger);
      for (const client of clients) {
        const refusal = (): Promise<string> =>
          expectRefusal(client.forward(exitEnvelope(21)), UNAVAILABLE);
        expect(await refusal()).to.contain(`cannot reach Redis at 127.0.0.1:${redis.port}`);
        // The reason is known only after the broker has tried to reconnect.
        await eventually(async () => (await refusal()).includes('NOAUTH'));
      }
      await stranger.config('SET', 'requirepass', '');
    }));

  for (const [state, begin] of [
    ['is away', () => redis.kill()],
    [
      'stands still',
      () => {
        redis.pause();
      },
    ],
  ] as const) {
    it(`${state} drain in time, and report positions to their readers`, async () => {
      const readers = await Promise.all(clients.map((client) => follow(client, 20)));
      await begin();
      const refused = expectRefusal(clients[0].forward(exitEnvelope(21)), UNAVAILABLE);
      const began = performance.now();
      await Promise.all(brokers.servers.map((server) => server.drain()));
      expect(performance.now() - began).to.be.lessThan(DRAIN);
      await refused;
      for (const reader of readers)
        expect(offsetsOf(await reader.toEnd())).to.deep.equal(range(1, 20));
    });
  }
});

/** The others. */
async function cutConnections(client: Redis): Promise<void> {
  await client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
}
