import { expect } from 'chai';
import { appended, forwarding } from '../../support/append-probe.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { range } from '../../support/history-seed.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { Brokers, cursorsOf, EARLIEST, forwardNumbers } from './brokers.js';

describe('two brokers on one Redis', () => {
  let redis: RedisServer;
  let brokers: Brokers;
  let clients: readonly [TestClient, TestClient];

  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.stop());
  beforeEach(async () => {
    brokers = await Brokers.start(redis.url);
    ({ clients } = brokers);
  });
  afterEach(async () => {
    await brokers.stop();
    await redis.client().flushall();
  });

  it('deliver the same events, offsets and cursors, wherever they were published', async () => {
    const readers = [...clients, ...clients].map((client) => client.read({ start: EARLIEST }));
    await Promise.all([
      forwardNumbers(clients[0], 1, 1000),
      forwardNumbers(clients[1], 1001, 2000),
      forwardNumbers(clients[0], 2001, 3000),
    ]);
    const [first, ...others] = await Promise.all(
      readers.map(async (reader) => {
        const all = await reader.when((sofar) => entriesOf(sofar).length >= 3000);
        expect(offsetsOf(all)).to.deep.equal(range(1, 3000));
        return entriesOf(all);
      }),
    );
    for (const other of others) expect(other).to.deep.equal(first);
    const numbers = first!.map(numberOf);
    expect([...numbers].sort((a, b) => a - b)).to.deep.equal(range(1, 3000));
    const ofSecond = numbers.filter((n) => n > 1000 && n <= 2000);
    expect(ofSecond, 'one publisher over one connection').to.deep.equal(range(1001, 2000));
  });

  it('let a subscriber move between them by its cursor, without gap or repeat', async () => {
    const published = Promise.all([
      forwardNumbers(clients[0], 1, 2000),
      forwardNumbers(clients[1], 2001, 4000),
    ]);
    const got: number[] = [];
    let start: { $case: 'after'; value: string } | typeof EARLIEST = EARLIEST;
    for (let moves = 0; got.length < 4000; moves++) {
      const reader = clients[moves % 2]!.read({ start });
      const enough = Math.min(4000 - got.length, 1 + ((moves * 37) % 150));
      const all = await reader.when((sofar) => entriesOf(sofar).length >= enough);
      reader.cancel();
      got.push(...offsetsOf(all));
      start = { $case: 'after', value: entriesOf(all).at(-1)!.cursor };
    }
    await published;
    expect(got).to.deep.equal(range(1, 4000));
    expect(await cursorsOf(clients[0], 4000)).to.deep.equal(await cursorsOf(clients[1], 4000));
  });

  it('accept a cursor that the other has just issued', async () => {
    const publisher = clients[0].append();
    for (const n of range(1, 100)) {
      publisher.send([forwarding(exitEnvelope(n))]);
      const answers = await publisher.answers(n);
      const after = appended(answers.at(-1)![0]).cursor;
      const reader = clients[1].read({ start: { $case: 'after', value: after } });
      await reader.headers;
      reader.cancel();
    }
    publisher.end();
    await publisher.status;
  });

  it('return an event that the other has just acknowledged', async () => {
    for (const n of range(1, 100)) {
      await clients[n % 2]!.forward(exitEnvelope(n));
      const other = clients[(n + 1) % 2]!;
      const all = await other.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      expect(offsetsOf(all)).to.deep.equal(range(1, n));
    }
  });

  it('recognize a duplicate of an envelope that the other has stored', async () => {
    await Promise.all([forwardNumbers(clients[0], 1, 500), forwardNumbers(clients[1], 1, 500)]);
    await forwardNumbers(clients[1], 1, 500);
    const all = await clients[1].read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    const numbers = entriesOf(all).map(numberOf);
    expect(numbers.sort((a, b) => a - b)).to.deep.equal(range(1, 500));
  });

  it('answer a wait for an exit published to the other', async () => {
    const answer = clients[1].wait({
      container: { namespace: 'default', containerId: 'c7' },
      condition: { $case: 'pid', value: 17 },
    });
    await forwardNumbers(clients[0], 17, 17);
    expect(await answer).to.have.property('exitStatus', 17);
  });
});
