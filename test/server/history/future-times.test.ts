import { expect } from 'chai';
import {
  ALL,
  entriesOf,
  envelope,
  KEEP_ALL,
  offsetsOf,
  settingsOf,
  START,
} from '../../../conformance/store/store-under-test.js';
import { LmdbStore } from '../../../server/history/lmdb/lmdb-store.js';
import { MemoryStore } from '../../../server/history/memory/memory-store.js';
import type { EventStore, Retention } from '../../../server/history/store.js';
import { freshDirectory } from './lmdb/store-directory.js';

const DAY = 24n * 3600n * 1_000_000_000n;
const YEARS = 75n * 365n * DAY;
const RETENTION: Retention = { ...KEEP_ALL, age: 7n * DAY, lastingAge: 30n * DAY };

for (const kind of ['memory', 'lmdb']) {
  describe(`retention after a clock was years ahead, in a ${kind} store`, () => {
    const directory = freshDirectory();
    let now: bigint;
    let store: EventStore;

    beforeEach(async () => {
      now = START;
      store = await open();
      await append('before');
      now = START + YEARS;
      await append('meanwhile');
      now = START + DAY;
      await append('after');
    });
    afterEach(() => store.close());

    async function open(): Promise<EventStore> {
      const settings = settingsOf(() => now);
      return kind === 'memory' ? new MemoryStore(settings) : LmdbStore.open(directory(), settings);
    }

    async function append(text: string): Promise<void> {
      await store.append([envelope(text, { retention: 'lasting' })]);
    }

    async function trim(retention = RETENTION): Promise<number[]> {
      for (let done = false; !done;) ({ done } = await store.trim(retention));
      const { first } = await store.bounds();
      return offsetsOf(entriesOf(await store.read(first - 1, ALL)));
    }

    it('removes entries once they have been seen for their age', async () => {
      expect(await trim()).deep.equal([1, 2, 3]);
      now += DAY;
      await append('newer');
      expect(await trim()).deep.equal([1, 2, 3, 4]);
      now += 6n * DAY;
      expect(await trim()).deep.equal([2, 3, 4]);
      now += DAY;
      expect(await trim()).deep.equal([4]);
      now += 20n * DAY;
      await trim();
      expect(offsetsOf(entriesOf(await store.readLasting(0, ALL)))).deep.equal([1, 2, 3]);
      now += 4n * DAY;
      await trim();
      expect(offsetsOf(entriesOf(await store.readLasting(0, ALL)))).deep.equal([]);
    });

    it('removes those that were seen for long, and none that was first seen lately', async () => {
      expect(await trim()).deep.equal([1, 2, 3]);
      now += 30n * DAY;
      await append('newer');
      expect(await trim()).deep.equal([4]);
    });

    if (kind === 'memory') return;

    it('counts the age through restarts', async () => {
      expect(await trim()).deep.equal([1, 2, 3]);
      for (let day = 0; day < 8; day++) {
        now += DAY;
        await store.close();
        store = await open();
        await append('newer');
        await trim();
      }
      expect((await trim())[0]).equal(4);
    });

    it('observes nothing while the clock cannot be relied on', async () => {
      now += 30n * DAY;
      expect(await trim(KEEP_ALL)).deep.equal([1, 2, 3]);
      expect(await trim()).deep.equal([2, 3]);
    });
  });
}
