import { expect } from 'chai';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { range } from '../../support/history-seed.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import { expectRefusal } from '../../support/refusal.js';
import type { TestClient } from '../../support/test-client.js';
import { Brokers, EARLIEST, follow, forwardAtLast, forwardNumbers } from './brokers.js';

const UNAVAILABLE = 14;
/** Upper limit of a publisher's wait, ms, on a loaded machine. */
const PATIENCE = 9000;

describe('two brokers whose Redis hangs', () => {
  let redis: RedisServer;
  let brokers: Brokers;
  let clients: readonly [TestClient, TestClient];

  beforeEach(async () => {
    redis = await RedisServer.start();
    brokers = await Brokers.start(redis.url);
    ({ clients } = brokers);
    await forwardNumbers(clients[0], 1, 20);
  });
  afterEach(async () => {
    redis.resume();
    await brokers.stop();
    await redis.stop();
  });

  it('refuse events after some seconds, and work again when it continues', async () => {
    const readers = await Promise.all(clients.map((client) => follow(client, 20)));
    redis.pause();
    const began = performance.now();
    const texts = await Promise.all(
      clients.map((client, i) => expectRefusal(client.forward(exitEnvelope(21 + i)), UNAVAILABLE)),
    );
    expect(performance.now() - began).to.be.lessThan(PATIENCE);
    for (const text of texts) expect(text).to.contain(`127.0.0.1:${redis.port}`);
    redis.resume();
    // They may have been stored without an acknowledgement.
    for (const n of [21, 22]) await forwardAtLast(clients[0], n);
    await forwardAtLast(clients[1], 23);
    await Promise.all([forwardNumbers(clients[0], 24, 50), forwardNumbers(clients[1], 51, 80)]);
    for (const reader of readers) {
      const all = await reader.when((sofar) => entriesOf(sofar).length >= 80);
      expect(offsetsOf(all)).to.deep.equal(range(1, 80));
      const numbers = entriesOf(all).map(numberOf);
      expect(numbers.sort((a, b) => a - b)).to.deep.equal(range(1, 80));
    }
  });

  it('let events wait for a short hang', async () => {
    redis.pause();
    const answers = clients.map((client, i) => client.forward(exitEnvelope(21 + i)));
    // Both have arrived at their brokers.
    await Promise.all(
      clients.map((client) => client.call('/foghorn.v1.History/None', Buffer.of()).catch(() => {})),
    );
    redis.resume();
    await Promise.all(answers);
    const all = await clients[0].read({ start: EARLIEST, limit: 22n }).toEnd();
    expect(offsetsOf(all)).to.deep.equal(range(1, 22));
  });

  it('lose no acknowledged event when it hangs under load and is killed', async () => {
    const acknowledged = new Set<number>();
    const published = clients.map((client, i) =>
      Promise.all(
        range(1, 1000).map((n) => {
          const number = 1000 * (i + 1) + n;
          return client.forward(exitEnvelope(number)).then(
            () => acknowledged.add(number),
            () => undefined,
          );
        }),
      ),
    );
    await clients[0].read({ start: EARLIEST, limit: 100n }).toEnd();
    redis.pause();
    await redis.restart();
    await Promise.all(published);
    await forwardAtLast(clients[0], 5000);
    const all = await clients[0].read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    const offsets = offsetsOf(all);
    expect(offsets).to.deep.equal(range(1, offsets.length));
    const numbers = entriesOf(all).map(numberOf);
    expect(new Set(numbers).size, 'each once').to.equal(numbers.length);
    expect(numbers).to.include.members([...acknowledged]);
  });
});
