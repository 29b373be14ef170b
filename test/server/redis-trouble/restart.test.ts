import { expect } from 'chai';
import { GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { expectGap, resumeAfter } from '../../support/gaps.js';
import { range } from '../../support/history-seed.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import { expectRefusal } from '../../support/refusal.js';
import type { TestClient } from '../../support/test-client.js';
import { parseCursor } from '../../../server/events/cursor.js';
import {
  Brokers,
  cursorsOf,
  EARLIEST,
  expectSentAway,
  follow,
  forwardAtLast,
  forwardNumbers,
} from './brokers.js';

const UNAVAILABLE = 14;
const RECREATED = GapReason.GAP_REASON_STORE_RECREATED;

describe('two brokers whose Redis', () => {
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
    await brokers.stop();
    await redis.stop();
  });

  it('is killed and restarts keep working, and their readers notice nothing', async () => {
    const readers = await Promise.all(clients.map((client) => follow(client, 20)));
    for (const round of [1, 2, 3]) {
      await redis.restart();
      await forwardAtLast(clients[round % 2]!, 20 + round);
      // The first one may have been stored although its answer was lost; a retry is a duplicate.
      for (const client of clients) await forwardAtLast(client, 20 + round);
    }
    for (const reader of readers) {
      const all = await reader.when((sofar) => entriesOf(sofar).length >= 23);
      expect(offsetsOf(all)).to.deep.equal(range(1, 23));
      expect(entriesOf(all).map(numberOf)).to.deep.equal(range(1, 23));
    }
  });

  it('is down refuse events at once with a clear reason', async () => {
    await redis.kill();
    for (const client of clients) {
      const began = performance.now();
      const text = await expectRefusal(client.forward(exitEnvelope(21)), UNAVAILABLE);
      expect(performance.now() - began).to.be.lessThan(4000);
      expect(text).to.contain(`cannot reach Redis at 127.0.0.1:${redis.port}`);
      expect(text).to.not.match(/offlineQueue|MaxRetries/i);
    }
    await redis.restart();
    for (const client of clients) await forwardAtLast(client, 21);
    const all = await clients[0].read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    expect(offsetsOf(all)).to.deep.equal(range(1, 21));
  });

  it('is down refuse to read and describe, and serve both when it is back', async () => {
    const [cursor] = await cursorsOf(clients[0], 1);
    await redis.kill();
    const { code, details } = await clients[0].read(resumeAfter(cursor!)).status;
    expect(code).to.equal(UNAVAILABLE);
    expect(details).to.contain(`127.0.0.1:${redis.port}`);
    await expectRefusal(clients[1].describe(), UNAVAILABLE);
    await redis.restart();
    await eventually(() =>
      clients[0].describe().then(
        () => true,
        () => false,
      ),
    );
    expect(await cursorsOf(clients[0], 20)).to.have.length(20);
  });

  const losses = {
    'comes back with nothing': async (): Promise<void> => {
      await redis.kill();
      redis.wipeData();
      await redis.restart();
    },
    'is flushed': async (): Promise<void> => {
      await redis.client().flushall();
    },
  };
  for (const [loss, lose] of Object.entries(losses)) {
    describe(loss, () => {
      it('end their readers, and report a new history to them', async () => {
        const readers = await Promise.all(clients.map((client) => follow(client, 20)));
        await lose();
        const places = await Promise.all(readers.map(expectSentAway));
        for (const client of clients) {
          for (const place of places) await expectGap(client, place, RECREATED, 0n, []);
        }
      });

      it('begin one common history, from 1', async () => {
        const [before] = await cursorsOf(clients[0], 1);
        await lose();
        for (const client of clients) await forwardAtLast(client, 21);
        await Promise.all(
          clients.map(async (client, i) => forwardNumbers(client, 100 * (i + 1), 100 * i + 120)),
        );
        const [first, second] = await Promise.all(clients.map((client) => cursorsOf(client, 43)));
        expect(first).to.deep.equal(second);
        expect(first!.map((cursor) => parseCursor(cursor).offset)).to.deep.equal(range(1, 43));
        for (const client of clients) {
          await expectGap(client, before!, RECREATED, 0n, range(1, 43));
        }
      });

      it('begin one common history, even if there was none before', async () => {
        const { epoch } = await clients[0].describe();
        await lose();
        for (const client of clients) {
          const other = (): Promise<boolean> =>
            client.describe().then((now) => now.epoch !== epoch);
          await eventually(() => other().catch(() => false));
        }
        await lose();
        for (const client of clients) await forwardAtLast(client, 1);
        const [first, second] = await Promise.all(clients.map((client) => cursorsOf(client, 1)));
        expect(first).to.deep.equal(second);
      });

      it('acknowledge nothing that was not stored', async () => {
        const answers = clients.map((client, i) =>
          range(1, 200).map((n) =>
            client.forward(exitEnvelope(1000 * (i + 1) + n)).then(
              () => 'stored',
              () => 'refused',
            ),
          ),
        );
        await lose();
        await Promise.all(answers.flat());
        // Events acknowledged before the loss are gone, but the new history has no hole.
        for (const client of clients) await forwardAtLast(client, 5000);
        const all = await clients[1].read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
        const offsets = offsetsOf(all);
        expect(offsets).to.deep.equal(range(1, offsets.length));
        const epochs = entriesOf(all).map(({ cursor }) => parseCursor(cursor).epoch);
        expect(new Set(epochs).size).to.equal(1);
      });
    });
  }
});
