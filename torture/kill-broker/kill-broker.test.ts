import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { connect } from '../../client/index.js';
import type { Client, ReadMessage } from '../../client/index.js';
import { handledLater } from '../../test/support/handled-later.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { cursorsOf, entriesOf, HistoryCheck } from './history-check.js';
import { libraryLine, NAMESPACE, Publisher, rawLine } from './publisher.js';
import type { Line } from './publisher.js';

const END = '/test/end';

describe('a broker that is killed under load', function () {
  this.timeout(240_000);

  const cleanup = new Cleanup();
  let broker: BrokerProcess;
  let client: Client;
  let publishers: Publisher[];
  let bulk: Publisher;
  let history: HistoryCheck;
  /** Stops the publishers. */
  let stop: AbortController;
  /** Stops everything, also when the test has failed. */
  let over: AbortController;

  beforeEach(async () => {
    broker = await BrokerProcess.create(cleanup);
    const { address } = broker;
    client = connect({ address });
    const lines = [
      ...Array.from({ length: 5 }, () => libraryLine(address)),
      ...Array.from({ length: 4 }, () => rawLine(address)),
    ];
    const [bulkLine, ...others] = lines as [Line, ...Line[]];
    // Publishers of both kinds send single events and batches.
    publishers = others.map((line, index) => new Publisher(`p${index}`, line, [1, 20][index % 2]!));
    bulk = new Publisher('bulk', bulkLine, 100, 64 * 1024);
    history = new HistoryCheck([...publishers, bulk]);
    stop = new AbortController();
    over = new AbortController();
    cleanup.defer(async () => {
      stop.abort();
      over.abort();
      await Promise.all([client, ...lines].map((one) => one.close()));
    });
  });

  afterEach(() => cleanup.run());

  function publish(): Promise<unknown> {
    return handledLater(Promise.all(publishers.map((publisher) => publisher.run(stop.signal))));
  }

  /**
   * Starts a reader that follows from the beginning to the final event, over all restarts. Resolves
   * when it has caught up.
   */
  async function follow(): Promise<{ cursors: Promise<string[]> }> {
    const messages = client
      .read({ start: 'earliest', signal: over.signal })
      [Symbol.asyncIterator]();
    const first = await messages.next();
    expect(first.value).to.have.property('kind', 'caught up');
    return { cursors: handledLater(restOf(messages)) };
  }

  async function restOf(messages: AsyncIterator<ReadMessage>): Promise<string[]> {
    const cursors: string[] = [];
    for (let next = await messages.next(); !next.done; next = await messages.next()) {
      if (next.value.kind !== 'entries') continue;
      cursors.push(...cursorsOf(next.value.entries));
      if (next.value.entries.some(({ topic }) => topic === END)) break;
    }
    return cursors;
  }

  /**
   * Checks the added entries. Uses its own connection, because the follower's may still have to
   * fail after the restart.
   */
  async function checkAdded(): Promise<void> {
    const own = connect({ address: broker.address });
    try {
      await history.checkAdded(own);
    } finally {
      await own.close();
    }
  }

  /** Compares all ways to read the whole history once the publishers have stopped. */
  async function checkAtRest(follower: { cursors: Promise<string[]> }): Promise<void> {
    await client.publish({ topic: END });
    await checkAdded();
    const all = await entriesOf(client, { start: 'earliest', stopWhenCaughtUp: true });
    expect(cursorsOf(all), 'read again from the beginning').to.deep.equal(history.cursors);
    expect(await follower.cursors, 'followed over all restarts').to.deep.equal(history.cursors);
    const { first, last, entryCount } = await client.describe();
    expect(first?.offset).to.equal(1n);
    expect(last?.offset).to.equal(entryCount);
    expect(entryCount).to.equal(BigInt(all.length));
    await checkContainers(all.length);
  }

  /** Expects that each publisher's container has its events and no others. */
  async function checkContainers(total: number): Promise<void> {
    const indexes = new Map(history.cursors.map((cursor, index) => [cursor, index]));
    let count = 0;
    for (const { name } of [...publishers, bulk]) {
      const container = { namespace: NAMESPACE, id: name };
      const own = await entriesOf(client, { container, start: 'earliest', stopWhenCaughtUp: true });
      const order = own.map(({ cursor }) => indexes.get(cursor) ?? NaN);
      expect(order, name).to.deep.equal([...order].sort((a, b) => a - b));
      count += own.length;
    }
    expect(count, 'events of containers').to.equal(total - 1);
  }

  it('has every acknowledged event once, in order and without a hole, after kill -9 at random', async () => {
    await broker.start();
    const follower = await follow();
    const published = publish();
    for (let kill = 1; kill <= 20; kill++) {
      // The store grows from nothing to some 25 MB.
      if (kill % 5 === 0) await bulk.publishBatch();
      await delay(Math.random() * 300);
      await broker.end('SIGKILL');
      if (kill % 7 === 0) {
        await broker.launch();
        await delay(Math.random() * 800);
        await broker.end('SIGKILL');
      }
      await broker.start();
      await checkAdded();
    }
    stop.abort();
    await published;
    await checkAtRest(follower);
    expect(publishers.filter(({ acknowledged }) => acknowledged.size === 0)).to.deep.equal([]);
  });

  it('stores on SIGTERM whatever it acknowledges, and exits with 0 within 10 s', async () => {
    await broker.start();
    const follower = await follow();
    const published = publish();
    for (let end = 1; end <= 3; end++) {
      await delay(Math.random() * 500);
      const begun = performance.now();
      expect(await broker.end('SIGTERM')).to.deep.equal({ code: 0, signal: null });
      expect(performance.now() - begun, 'milliseconds').to.be.below(10_000);
      await broker.start();
      await checkAdded();
    }
    stop.abort();
    await published;
    await checkAtRest(follower);
  });
});
