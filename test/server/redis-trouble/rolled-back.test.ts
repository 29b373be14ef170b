import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { expectGap, resumeAfter } from '../../support/gaps.js';
import { range, seedStore } from '../../support/history-seed.js';
import { RedisServer } from '../../support/redis/redis-server.js';
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

const ROLLED_BACK = GapReason.GAP_REASON_ROLLED_BACK;
const RECREATED = GapReason.GAP_REASON_STORE_RECREATED;

describe('two brokers whose Redis', () => {
  let redis: RedisServer;
  let brokers: Brokers;
  let clients: readonly [TestClient, TestClient];
  /** A copy of the data with entries 1 to 20. */
  let copy: string;

  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'foghorn-redis-copy-'));
  });
  afterEach(async () => {
    await brokers.stop();
    await redis.stop();
    rmSync(copy, { recursive: true });
  });

  async function startWith20(...args: string[]): Promise<void> {
    redis = await RedisServer.start({ args });
    brokers = await Brokers.start(redis.url);
    ({ clients } = brokers);
    await forwardNumbers(clients[0], 1, 20);
    for (const client of clients) await cursorsOf(client, 20);
  }

  async function putCopyBack(): Promise<void> {
    await redis.kill();
    redis.putDataBack(copy);
    await redis.restart();
  }

  /** Expects 20 of 40 entries to be left, and both brokers to judge these cursors accordingly. */
  async function expectLostTail(cursors: readonly string[]): Promise<void> {
    // Concurrently, because the broker waits a moment for the entry of an unknown cursor.
    const gaps = clients.flatMap((client) =>
      [20, 29, 39].map((lost) => expectGap(client, cursors[lost]!, ROLLED_BACK, 0n, range(1, 20))),
    );
    await Promise.all(gaps);
    for (const client of clients) {
      for (const kept of [1, 19, 20]) {
        const all = await client.read(resumeAfter(cursors[kept - 1]!)).toEnd();
        expect(offsetsOf(all)).to.deep.equal(range(kept + 1, 20));
      }
    }
  }

  /** Continues to 40, loses the second half, and expects all readers to be informed. */
  async function expectRollback(lose: () => Promise<void>): Promise<readonly string[]> {
    await forwardNumbers(clients[1], 21, 40);
    const cursors = await cursorsOf(clients[0], 40);
    const readers = await Promise.all(clients.map((client) => follow(client, 40)));
    await lose();
    for (const reader of readers) expect(await expectSentAway(reader)).to.equal(cursors[39]);
    await expectLostTail(cursors);
    return cursors;
  }

  it('is restored from an older copy report that, and continue from there', async () => {
    await startWith20();
    redis.copyData(copy);
    const cursors = await expectRollback(putCopyBack);
    for (const client of clients) await forwardAtLast(client, 101);
    await Promise.all([forwardNumbers(clients[0], 102, 120), forwardNumbers(clients[1], 121, 140)]);
    for (const client of clients) {
      await cursorsOf(client, 60);
      for (const lost of [21, 30, 40]) {
        await expectGap(client, cursors[lost - 1]!, ROLLED_BACK, 0n, range(1, 60));
      }
      const all = await client.read(resumeAfter(cursors[9]!)).toEnd();
      expect(entriesOf(all).slice(0, 10).map(numberOf)).to.deep.equal(range(11, 20));
      expect(offsetsOf(all)).to.deep.equal(range(11, 60));
    }
  });

  it('is restored from a copy that has grown elsewhere past the old end see other events', async () => {
    await startWith20();
    redis.copyData(copy);
    await forwardNumbers(clients[1], 21, 40);
    const cursors = await cursorsOf(clients[0], 40);
    const readers = await Promise.all(clients.map((client) => follow(client, 40)));
    await redis.kill();
    await goOnElsewhere([101, 120], [121, 150]);
    await redis.restart();
    for (const reader of readers) expect(await expectSentAway(reader)).to.equal(cursors[39]);
    for (const client of clients) {
      await expectGap(client, cursors[39]!, ROLLED_BACK, 0n, range(1, 70));
      const all = await client.read(resumeAfter(cursors[19]!)).toEnd();
      expect(entriesOf(all).map(numberOf)).to.deep.equal(range(101, 150));
    }
  });

  /** Replaces the data of the stopped Redis by the copy plus a commit for each of these ranges. */
  async function goOnElsewhere(...ranges: [number, number][]): Promise<void> {
    const other = await RedisServer.start();
    try {
      await other.kill();
      other.putDataBack(copy);
      await other.restart();
      for (const [first, last] of ranges) {
        const envelopes = range(first, last).map((n) => exitEnvelope(n));
        await seedStore(other.url, envelopes);
      }
      await other.kill();
      redis.putDataBack(other.dataDirectory);
    } finally {
      await other.stop();
    }
  }

  it('lost its newest entries in a power cut report that', async () => {
    await startWith20('--appendfsync', 'everysec');
    const { size } = appendOnlyFile();
    await expectRollback(async () => {
      await redis.kill();
      // The first commit after that is there partially.
      truncateSync(appendOnlyFile().path, size + 100);
      await redis.restart();
    });
  });

  function appendOnlyFile(): { path: string; size: number } {
    const directory = join(redis.dataDirectory, 'appendonlydir');
    const name = readdirSync(directory).find((file) => file.endsWith('.incr.aof'))!;
    const path = join(directory, name);
    return { path, size: statSync(path).size };
  }

  it('keeps only snapshots report a loss', async () => {
    await startWith20('--appendonly', 'no');
    await redis.client().save();
    await expectRollback(() => redis.restart());
  });

  it('is restored from a copy of the previous history accept its cursors again', async () => {
    await startWith20();
    redis.copyData(copy);
    const old = await cursorsOf(clients[0], 20);
    await redis.client().flushall();
    for (const client of clients) await forwardAtLast(client, 21);
    const [recent] = await cursorsOf(clients[1], 1);
    const readers = await Promise.all(clients.map((client) => follow(client, 1)));
    await putCopyBack();
    for (const reader of readers) expect(await expectSentAway(reader)).to.equal(recent);
    for (const client of clients) {
      await expectGap(client, recent!, RECREATED, 0n, range(1, 20));
      const all = await client.read(resumeAfter(old[4]!)).toEnd();
      expect(offsetsOf(all)).to.deep.equal(range(6, 20));
    }
  });
});
