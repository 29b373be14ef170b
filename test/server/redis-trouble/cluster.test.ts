import { expect } from 'chai';
import { range } from '../../support/history-seed.js';
import { RedisCluster } from '../../support/redis/redis-cluster.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import { expectRefusal } from '../../support/refusal.js';
import { exitEnvelope } from '../../support/envelopes.js';
import type { TestClient } from '../../support/test-client.js';
import type { StreamProbe } from '../../support/stream-probe.js';
import type { ReadResponse } from '../../../protos/gen/foghorn/v1/history.js';
import { Brokers, EARLIEST, follow, forwardAtLast, forwardNumbers } from './brokers.js';

const KEY = '{foghorn}:history';

describe('two brokers on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let brokers: Brokers;
  let clients: readonly [TestClient, TestClient];
  let readers: readonly StreamProbe<ReadResponse>[];

  beforeEach(async () => {
    cluster = await RedisCluster.start();
    brokers = await Brokers.start(cluster.url);
    ({ clients } = brokers);
    await forwardNumbers(clients[0], 1, 20);
    readers = await Promise.all(clients.map((client) => follow(client, 20)));
  });
  afterEach(async () => {
    await brokers.stop();
    await cluster.stop();
  });

  /** Publishes up to 60, and expects readers to receive everything without interruption. */
  async function expectToGoOn(): Promise<void> {
    for (const client of clients) await forwardAtLast(client, 21);
    await Promise.all([forwardNumbers(clients[0], 22, 40), forwardNumbers(clients[1], 41, 60)]);
    for (const reader of readers) {
      const all = await reader.when((sofar) => entriesOf(sofar).length >= 60);
      expect(offsetsOf(all)).to.deep.equal(range(1, 60));
    }
  }

  it('refuse events while the node of the history is down, and work again when it is back', async () => {
    const node = cluster.nodes[await cluster.indexOf(KEY)]!;
    await node.kill();
    for (const client of clients) await expectRefusal(client.forward(exitEnvelope(21)), 14);
    await node.restart();
    await expectToGoOn();
  });

  it('keep working when another node is down for a moment', async () => {
    const node = cluster.nodes[((await cluster.indexOf(KEY)) + 1) % 3]!;
    await node.restart();
    await expectToGoOn();
  });

  it('keep working when a replica of the node takes over', async () => {
    const replica = await cluster.addReplica(await cluster.indexOf(KEY));
    await cluster.promote(replica);
    await expectToGoOn();
  });

  it('keep working while the history moves to another node', async () => {
    const from = await cluster.indexOf(KEY);
    const published = range(101, 300).map((n) =>
      clients[n % 2]!.forward(exitEnvelope(n)).then(
        () => 1,
        () => 0,
      ),
    );
    await cluster.moveSlot(KEY, from, (from + 1) % 3);
    const stored = (await Promise.all<number>(published)).reduce((sum, one) => sum + one, 0);
    for (const n of range(101, 300)) await forwardAtLast(clients[n % 2]!, n);
    expect(stored).to.be.at.most(200);
    const all = await clients[0].read({ start: EARLIEST, limit: 220n }).toEnd();
    expect(offsetsOf(all)).to.deep.equal(range(1, 220));
    for (const reader of readers) {
      const got = await reader.when((sofar) => entriesOf(sofar).length >= 220);
      expect(entriesOf(got)).to.deep.equal(entriesOf(all));
    }
  });
});
