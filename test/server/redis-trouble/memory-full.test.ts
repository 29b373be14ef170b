import { expect } from 'chai';
import type { Redis } from 'ioredis';
import type { RedisStore } from '../../../server/history/redis/redis-store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { range } from '../../support/history-seed.js';
import { expectRefusal } from '../../support/refusal.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { offsetsOf as offsetsOfRead } from '../../support/responses.js';
import {
  ALL,
  envelope,
  KEEP_ALL,
  keyOf,
  mainOf,
  offsetsOf,
  rejection,
  textsOf,
} from '../../../conformance/store/store-under-test.js';
import { Brokers, EARLIEST } from './brokers.js';
import { openStore } from './stores.js';

const RESOURCE_EXHAUSTED = 8;
const KEY = keyOf('default', 'web');

describe('a history in a Redis whose memory is full', () => {
  let redis: RedisServer;
  let client: Redis;

  beforeEach(async () => {
    redis = await RedisServer.start({ args: ['--maxmemory-policy', 'noeviction'] });
    client = redis.client();
  });
  afterEach(() => redis.stop());

  /** Makes every further write fail. */
  async function fill(): Promise<void> {
    await client.config('SET', 'maxmemory', '1mb');
  }

  async function makeRoom(): Promise<void> {
    await client.config('SET', 'maxmemory', '0');
  }

  async function withStore(act: (store: RedisStore) => Promise<void>): Promise<void> {
    const store = await openStore(redis.url);
    try {
      await act(store);
    } finally {
      await store.close();
    }
  }

  it('refuses appends, stores nothing partially, and appends again when memory is free', () =>
    withStore(async (store) => {
      await client.config('SET', 'maxmemory', '8mb');
      const stored: string[] = [];
      let refused: Promise<string> | undefined;
      for (let n = 1; refused === undefined; n++) {
        const text = `${n}:${'x'.repeat(100_000)}`;
        const key = n % 2 === 0 ? mainOf(KEY) : KEY;
        const keyed = envelope(text, { key, dedupeKey: `k${n}` });
        const appended = store.append([keyed, envelope('after')]);
        await appended.then(
          () => stored.push(text, 'after'),
          () => (refused = rejection(appended, 'RESOURCE_EXHAUSTED')),
        );
      }
      expect(await refused).to.contain('has no memory left');
      expect(stored.length).to.be.greaterThan(10);
      expect(textsOf(await store.read(0, ALL))).to.deep.equal(stored);
      expect(offsetsOf(await store.read(0, ALL, KEY))).to.have.length(stored.length / 2);
      await makeRoom();
      const [place] = await store.append([envelope('again', { key: KEY })]);
      expect(place).to.include({ offset: stored.length + 1, duplicate: false });
    }));

  it('can be trimmed, which frees memory', () =>
    withStore(async (store) => {
      const exit = envelope('exit', { key: mainOf(KEY), retention: 'lasting' });
      for (let n = 1; n <= 100; n++) await store.append([exit, envelope('x'.repeat(100_000))]);
      const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1]);
      await client.config('SET', 'maxmemory', String(used - 100_000));
      await rejection(store.append([envelope('more')]), 'RESOURCE_EXHAUSTED');
      for (let done = false; !done;) ({ done } = await store.trim({ ...KEEP_ALL, entries: 10 }));
      expect(await store.bounds()).to.include({ first: 191, last: 200, lastingEntries: 95 });
      const kept = await store.readLasting(0, ALL, mainOf(KEY));
      expect(offsetsOf(kept)).to.deep.equal(range(1, 95).map((n) => 2 * n - 1));
      const [place] = await store.append([envelope('more')]);
      expect(place).to.include({ offset: 201 });
    }));

  it('is reported to publishers, and still readable', async () => {
    const brokers = await Brokers.start(redis.url);
    try {
      const [publisher, reader] = brokers.clients;
      await publisher.forward(exitEnvelope(1));
      await fill();
      const text = await expectRefusal(publisher.forward(exitEnvelope(2)), RESOURCE_EXHAUSTED);
      expect(text).to.contain(`127.0.0.1:${redis.port} has no memory left`);
      const all = await reader.read({ start: EARLIEST, limit: 1n }).toEnd();
      expect(offsetsOfRead(all)).to.deep.equal([1]);
      await reader.describe();
      await makeRoom();
      await publisher.forward(exitEnvelope(2));
      const more = await reader.read({ start: EARLIEST, limit: 2n }).toEnd();
      expect(offsetsOfRead(more)).to.deep.equal([1, 2]);
    } finally {
      await brokers.stop();
    }
  });
});
