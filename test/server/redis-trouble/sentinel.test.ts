import { expect } from 'chai';
import { GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import { numberOf } from '../../support/envelopes.js';
import { expectGap, resumeAfter } from '../../support/gaps.js';
import { range } from '../../support/history-seed.js';
import { RedisSentinelSet } from '../../support/redis/redis-sentinel-set.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import {
  Brokers,
  cursorsOf,
  expectSentAway,
  follow,
  forwardAtLast,
  forwardNumbers,
} from './brokers.js';

describe('two brokers that find their Redis by a sentinel', () => {
  let set: RedisSentinelSet;
  let brokers: Brokers;
  let clients: readonly [TestClient, TestClient];

  beforeEach(async () => {
    set = await RedisSentinelSet.start();
    brokers = await Brokers.start(set.url);
    ({ clients } = brokers);
    await forwardNumbers(clients[0], 1, 20);
    await set.replicaHasAll();
  });
  afterEach(async () => {
    await brokers.stop();
    await set.stop();
  });

  const changes = {
    'go on when its replica takes over': () => set.failOver(),
    'go on when the two change places': () => set.switchOver(),
  };
  for (const [title, change] of Object.entries(changes)) {
    it(title, async () => {
      const readers = await Promise.all(clients.map((client) => follow(client, 20)));
      await change();
      for (const client of clients) await forwardAtLast(client, 21);
      await Promise.all([forwardNumbers(clients[0], 22, 40), forwardNumbers(clients[1], 41, 60)]);
      for (const reader of readers) {
        const all = await reader.when((sofar) => entriesOf(sofar).length >= 60);
        expect(offsetsOf(all)).to.deep.equal(range(1, 60));
      }
    });
  }

  it('report a loss when a replica that lags takes over', async () => {
    await set.cutReplicaOff();
    await forwardNumbers(clients[1], 21, 40);
    const cursors = await cursorsOf(clients[0], 40);
    const readers = await Promise.all(clients.map((client) => follow(client, 40)));
    await set.failOver();
    for (const reader of readers) expect(await expectSentAway(reader)).to.equal(cursors[39]);
    for (const client of clients) await forwardAtLast(client, 101);
    await forwardNumbers(clients[1], 102, 130);
    // The old master returns as a replica, and its entries are ignored.
    await set.master.restart();
    await forwardNumbers(clients[0], 131, 150);
    for (const client of clients) {
      await cursorsOf(client, 70);
      const { GAP_REASON_ROLLED_BACK } = GapReason;
      await expectGap(client, cursors[39]!, GAP_REASON_ROLLED_BACK, 0n, range(1, 70));
      const all = await client.read(resumeAfter(cursors[19]!)).toEnd();
      expect(entriesOf(all).map(numberOf)).to.deep.equal(range(101, 150));
    }
  });

  it('keep working after the sentinel was down', async () => {
    await set.sentinel.restart();
    await forwardNumbers(clients[0], 21, 30);
    expect(await cursorsOf(clients[1], 30)).to.have.length(30);
  });
});
