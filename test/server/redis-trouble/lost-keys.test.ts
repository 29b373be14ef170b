import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { parseCursor } from '../../../server/events/cursor.js';
import { GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { eventually } from '../../support/eventually.js';
import { expectGap } from '../../support/gaps.js';
import { range } from '../../support/history-seed.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import {
  ALL,
  appendedOffsets,
  envelope,
  KEEP_ALL,
  keyOf,
  mainOf,
  offsetsOf,
  rejection,
} from '../../../conformance/store/store-under-test.js';
import { Brokers, cursorsOf, expectSentAway, follow, forwardNumbers } from './brokers.js';
import { appendTexts, openStore, openWarning, type WarningStore } from './stores.js';

const WEB = keyOf('default', 'web');
const OTHER = keyOf('default', 'other');
const LASTING = { key: mainOf(WEB), retention: 'lasting' } as const;

describe('a history in Redis when another client removes', () => {
  const cleanup = new Cleanup();
  let redis: RedisServer;
  let client: Redis;

  before(async () => {
    redis = await RedisServer.start();
    client = redis.client();
  });
  after(() => redis.stop());
  afterEach(async () => {
    await cleanup.run();
    await client.flushall();
  });

  /** Opens a history with entries, lasting entries, two keys and dedupe records. */
  async function openFilled(): Promise<WarningStore> {
    const opened = await openWarning(redis.url);
    cleanup.defer(() => opened.store.close());
    const exit = envelope('exit', LASTING);
    const probe = envelope('probe', { key: WEB });
    const forwarded = envelope('forwarded', { key: mainOf(OTHER), dedupeKey: 'k' });
    await opened.store.append([exit, exit, probe, probe, forwarded, exit]);
    await opened.store.trim({ ...KEEP_ALL, entries: 4 });
    return opened;
  }

  /** Removes the key whose name ends so. */
  async function remove(key: string): Promise<void> {
    const [name] = await client.keys(`{foghorn}:*${key}`);
    expect(await client.del(name!), key).to.equal(1);
  }

  const VITAL = ['history', 'entries', 'commits', 'exits', 'containers', 'namespaces'];
  for (const key of VITAL) {
    describe(`its key ${key}`, () => {
      it('begins a new history at the next append', async () => {
        const { store, warnings } = await openFilled();
        const { epoch } = store;
        const resets: number[] = [];
        store.onReset(({ offset }) => resets.push(offset));
        await remove(key);
        expect(await appendTexts(store, 'a', 'b')).to.deep.equal([1, 2]);
        expect(store.epoch).to.not.equal(epoch);
        expect(resets).to.deep.equal([0]);
        expect(warnings).to.have.length(1);
        expect(offsetsOf(await store.read(0, ALL))).to.deep.equal([1, 2]);
        expect(offsetsOf(await store.readLasting(0, ALL))).to.deep.equal([]);
      });

      it('begins a new history when it is opened', async () => {
        const { store } = await openFilled();
        const { epoch } = store;
        await store.close();
        await remove(key);
        const reopened = await openWarning(redis.url);
        cleanup.defer(() => reopened.store.close());
        expect(reopened.store.epoch).to.not.equal(epoch);
        expect(await appendTexts(reopened.store, 'a')).to.deep.equal([1]);
        // Without this key, nothing shows that there was a history.
        expect(reopened.warnings).to.have.length(key === 'history' ? 0 : 1);
      });
    });
  }

  it('one of its keys begins a new history even without calls', async () => {
    const { store } = await openFilled();
    const { epoch } = store;
    await remove('exits');
    await eventually(() => store.epoch !== epoch);
    expect(await store.bounds()).to.include({ first: 1, last: 0, lastingEntries: 0 });
  });

  for (const stream of ['entries', 'commits']) {
    it(`a row of ${stream} begins a new history instead of showing a hole`, async () => {
      const { store } = await openFilled();
      const { epoch } = store;
      await appendTexts(store, 'a');
      await appendTexts(store, 'b');
      const [key] = await client.keys(`{foghorn}:*:${stream}`);
      expect(await client.xdel(key!, '7-0')).to.equal(1);
      await store.read(2, ALL).catch(() => undefined);
      await eventually(() => store.epoch !== epoch);
      expect(offsetsOf(await store.read(0, ALL))).to.deep.equal([]);
    });
  }

  for (const key of ['dedupe', 'dedupe-old']) {
    it(`its key ${key} continues, and warns of possible duplicates`, async () => {
      const { store, warnings } = await openFilled();
      const { epoch } = store;
      // Twice as many as the window holds, so that both hashes exist.
      for (const round of [1, 2]) {
        const forwarded = range(1, 1001).map((n) => envelope('', { dedupeKey: `${round}.${n}` }));
        await store.append(forwarded);
      }
      const again = envelope('forwarded', { key: mainOf(OTHER), dedupeKey: 'again' });
      expect(appendedOffsets(await store.append([again]))).to.deep.equal([2009]);
      await remove(`:${key}`);
      expect(appendedOffsets(await store.append([again]))).to.deep.equal([2010]);
      const [known] = await store.append([again]);
      expect(known).to.include({ offset: 2010, duplicate: true });
      expect(store.epoch).to.equal(epoch);
      expect(warnings.join()).to.contain('duplicates of older events may be stored');
      expect(offsetsOf(await store.read(2, ALL))).to.deep.equal(range(3, 2010));
    });
  }

  for (const kind of ['life', 'rest']) {
    it(`its list ${kind} of a container rejects reads of that container`, async () => {
      const { store } = await openFilled();
      const { epoch } = store;
      await remove(`:${kind}:default\0web`);
      for (const key of [WEB, mainOf(WEB)]) {
        await rejection(store.read(2, ALL, key), 'DATA_LOSS');
        await rejection(store.readLasting(0, ALL, key), 'DATA_LOSS');
      }
      expect(offsetsOf(await store.read(2, ALL))).to.deep.equal([3, 4, 5, 6]);
      expect(offsetsOf(await store.read(2, ALL, OTHER))).to.deep.equal([5]);
      expect(store.epoch).to.equal(epoch);
    });

    it(`its list ${kind} of a container can still be appended to and trimmed`, async () => {
      const { store } = await openFilled();
      const { epoch } = store;
      await remove(`:${kind}:default\0web`);
      const exit = envelope('exit', LASTING);
      await store.append([exit, envelope('probe', { key: WEB }), envelope('last')]);
      await rejection(store.read(6, ALL, WEB), 'DATA_LOSS');
      for (let done = false; !done;) {
        ({ done } = await store.trim({ ...KEEP_ALL, entries: 1, lastingAge: -1n }));
      }
      expect(await store.bounds()).to.include({ first: 9, last: 9, lastingEntries: 0 });
      expect(store.epoch).to.equal(epoch);
    });
  }

  it('one of its keys is reported by both brokers as a new history', async () => {
    const brokers = await Brokers.start(redis.url);
    cleanup.defer(() => brokers.stop());
    const { clients } = brokers;
    await forwardNumbers(clients[0], 1, 20);
    const readers = await Promise.all(clients.map((reader) => follow(reader, 20)));
    await remove(':entries');
    const places = await Promise.all(readers.map(expectSentAway));
    await forwardNumbers(clients[1], 21, 30);
    for (const reader of clients) {
      const [first] = await cursorsOf(reader, 10);
      expect(parseCursor(first!).offset).to.equal(1);
      const { GAP_REASON_STORE_RECREATED } = GapReason;
      await expectGap(reader, places[0]!, GAP_REASON_STORE_RECREATED, 0n, range(1, 10));
    }
  });

  it('and replaces its key, the store is refused with the reason', async () => {
    await client.set('{foghorn}:history', 'mine');
    const text = await rejection(openStore(redis.url), 'INTERNAL');
    expect(text).to.contain('WRONGTYPE');
  });
});
