import { expect } from 'chai';
import { ENTRY_OVERHEAD } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  ALL,
  envelope,
  freshStore,
  KEEP_ALL,
  keyOf,
  mainOf,
  offsetsOf,
  textsOf,
} from './store-under-test.js';

const KEY = keyOf('default', 'web');
const TRIMMED = { kind: 'trimmed', first: 7 };
const SIZE = 20 + ENTRY_OVERHEAD;

export function describeTrim(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('trim', () => {
    const fresh = freshStore(frame, driver);

    /** Appends entries of 20 bytes, one each nanosecond. */
    async function fill(count: number): Promise<void> {
      for (let i = 1; i <= count; i++) {
        fresh().now += 1n;
        await fresh().appendTexts(`event ${i}`.padEnd(20));
      }
    }

    async function firstKept(): Promise<number> {
      return (await fresh().store.bounds()).first;
    }

    it('does nothing in an empty history', async () => {
      expect(await fresh().trim({ entries: 0, bytes: 0, age: 0n, lastingAge: 0n })).equal(0);
      expect(await fresh().store.bounds()).include({ first: 1, last: 0, entryBytes: 0 });
      expect(await fresh().appendTexts('a')).deep.equal([1]);
    });

    it('removes nothing without limits', async () => {
      await fill(5);
      fresh().now += 1_000_000_000n;
      expect(await fresh().trim({})).equal(0);
      expect(await firstKept()).equal(1);
    });

    it('keeps the given number of entries', async () => {
      await fill(10);
      expect(await fresh().trim({ entries: 10 })).equal(0);
      expect(await fresh().trim({ entries: 9 })).equal(1);
      expect(await firstKept()).equal(2);
      expect(await fresh().trim({ entries: 4 })).equal(5);
      expect(textsOf(await fresh().readAll(6))).deep.equal(
        [7, 8, 9, 10].map((i) => `event ${i}`.padEnd(20)),
      );
    });

    it('keeps as many entries as fit into the bytes', async () => {
      await fill(10);
      expect((await fresh().store.bounds()).entryBytes).equal(10 * SIZE);
      expect(await fresh().trim({ bytes: 10 * SIZE })).equal(0);
      expect(await fresh().trim({ bytes: 10 * SIZE - 1 })).equal(1);
      expect((await fresh().store.bounds()).entryBytes).equal(9 * SIZE);
      expect(await fresh().trim({ bytes: 8 * SIZE + 1 })).equal(1);
      expect(await fresh().trim({ bytes: 7 * SIZE })).equal(1);
      expect(await fresh().store.bounds()).include({ first: 4, entryBytes: 7 * SIZE });
    });

    it('keeps entries up to the age', async () => {
      await fill(10);
      const test = fresh();
      test.now += 5n;
      expect(await test.trim({ age: 14n })).equal(0);
      expect(await test.trim({ age: 13n })).equal(1);
      expect(await test.store.bounds()).include({ first: 2, firstStoredAt: test.now - 13n });
      expect(await test.trim({ age: 10n })).equal(3);
      expect(await firstKept()).equal(5);
    });

    it('applies the limit that removes most', async () => {
      await fill(20);
      const { now } = fresh();
      expect(await fresh().trim({ entries: 19, bytes: 18 * SIZE, age: 16n })).equal(3);
      expect(await fresh().trim({ entries: 16, bytes: 14 * SIZE, age: 16n })).equal(3);
      expect(await fresh().trim({ entries: 12, bytes: 14 * SIZE, age: 16n })).equal(2);
      expect(await fresh().store.bounds()).include({
        first: 9,
        last: 20,
        firstStoredAt: now - 11n,
      });
    });

    it('always keeps the newest entry', async () => {
      await fill(5);
      fresh().now += 1000n;
      for (const limit of [{ entries: 0 }, { bytes: 0 }, { age: 0n }]) {
        await fresh().trim(limit);
        expect(await fresh().store.bounds()).include({ first: 5, last: 5, entryBytes: SIZE });
      }
      expect(await fresh().appendTexts('next')).deep.equal([6]);
      await fresh().trim({ entries: 0 });
      expect(offsetsOf(await fresh().readAll(5))).deep.equal([6]);
    });

    it('makes reads of trimmed entries return the first offset', async () => {
      const keyed = Array.from({ length: 10 }, () => envelope('event', { key: mainOf(KEY) }));
      const { store } = fresh();
      await store.append(keyed);
      await fresh().trim({ entries: 4 });
      for (const key of [undefined, KEY, mainOf(KEY)]) {
        for (const after of [0, 4, 5]) {
          expect(await store.read(after, ALL, key)).deep.equal(TRIMMED);
        }
        expect(offsetsOf(await store.read(6, ALL, key))).deep.equal([7, 8, 9, 10]);
        expect(offsetsOf(await store.read(7, ALL, key))).deep.equal([8, 9, 10]);
        expect(await fresh().readAll(10, key)).deep.equal([]);
      }
      const unknown = keyOf('default', 'unknown');
      expect(await store.read(5, ALL, unknown)).deep.equal(TRIMMED);
      expect(await fresh().readAll(6, unknown)).deep.equal([]);
    });

    it('leaves the times of kept entries to be found', async () => {
      const test = fresh();
      const start = test.now;
      for (let i = 1n; i <= 10n; i++) {
        await test.store.append([envelope('event', { time: start + i })]);
      }
      await test.trim({ entries: 5 });
      expect(await test.store.offsetAt(0n)).equal(6);
      expect(await test.store.offsetAt(start + 8n)).equal(8);
      expect(await test.store.offsetAt(start + 11n)).equal(11);
    });

    it('no longer lists keys without entries', async () => {
      const { store } = fresh();
      const gone = keyOf('default', 'gone');
      await store.append([envelope('a', { key: gone }), envelope('b', { key: KEY })]);
      await store.append([envelope('c', { key: gone }), envelope('d', { key: KEY })]);
      await fresh().trim({ entries: 2 });
      expect(await fresh().keysWith('')).have.deep.members([gone, KEY]);
      await fresh().trim({ entries: 1 });
      expect(await fresh().keysWith('')).deep.equal([KEY]);
    });

    it('keeps held entries beyond every limit', async () => {
      await fill(10);
      fresh().now += 1_000_000_000n;
      const holds = [{ after: 6, bytes: 100 * SIZE }];
      expect(await fresh().trim({ entries: 2, bytes: 1, age: 1n, holds })).equal(6);
      expect(await firstKept()).equal(7);
      expect(await fresh().trim({ entries: 2, bytes: 1, age: 1n })).equal(3);
    });

    it('keeps held entries as far as they have at most the bytes of the hold', async () => {
      await fill(10);
      expect(await fresh().trim({ entries: 1, holds: [{ after: 2, bytes: 5 * SIZE }] })).equal(5);
      expect(await fresh().trim({ entries: 1, holds: [{ after: 2, bytes: 3 * SIZE - 1 }] })).equal(
        3,
      );
      expect(await firstKept()).equal(9);
    });

    it('keeps what any of several holds keeps, and removes nothing for a hold alone', async () => {
      await fill(10);
      const low = { after: 3, bytes: 2 * SIZE };
      const high = { after: 5, bytes: 100 * SIZE };
      expect(await fresh().trim({ holds: [low, high] })).equal(0);
      expect(await fresh().trim({ entries: 1, holds: [low, high] })).equal(5);
      const ahead = { after: 99, bytes: 100 * SIZE };
      expect(await fresh().trim({ entries: 2, holds: [ahead] })).equal(3);
    });

    it('does not affect the tail', async () => {
      const received: number[] = [];
      fresh().store.tail((entries) => received.push(...offsetsOf(entries)));
      await fill(5);
      await fresh().trim({ entries: 2 });
      await fill(2);
      expect(received).deep.equal([1, 2, 3, 4, 5, 6, 7]);
    });

    it('works in steps, and reports the last one', async () => {
      const { store } = fresh();
      await store.append(Array.from({ length: 5000 }, () => envelope('event', { key: KEY })));
      const retention = { ...KEEP_ALL, entries: 10 };
      let removed = 0;
      for (let done = false; !done;) {
        const step = await store.trim(retention);
        expect(step.removed).within(1, 4000);
        removed += step.removed;
        const { first, last } = await store.bounds();
        expect(first).equal(removed + 1);
        done = step.done;
        expect(done).equal(last - first + 1 === 10);
      }
      expect(await store.trim(retention)).deep.equal({ removed: 0, done: true });
    });

    it('may be called concurrently', async () => {
      const { store } = fresh();
      await store.append(Array.from({ length: 6000 }, () => envelope('event', { key: KEY })));
      const steps = await Promise.all(
        Array.from({ length: 20 }, () => fresh().trim({ entries: 7 })),
      );
      expect(steps.reduce((sum, removed) => sum + removed)).equal(5993);
      expect(await firstKept()).equal(5994);
    });
  });
}
