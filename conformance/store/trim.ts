import { expect } from 'chai';
import { ENTRY_OVERHEAD } from '../../server/history/store.js';
import {
  ALL,
  envelope,
  freshStore,
  offsetsOf,
  rejection,
  textsOf,
  type StoreFactory,
} from './store-under-test.js';

const KEY = { namespace: 'default', container: 'web' };
const SCOPE = { key: KEY, lifecycleOnly: false };
const SIZE = 20 + ENTRY_OVERHEAD;

export function describeTrim(factory: StoreFactory): void {
  describe('trim', () => {
    const fresh = freshStore(factory);

    /** Appends entries with 20 bytes each, a nanosecond after each other. */
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
      expect(await fresh().trim({ entries: 0, bytes: 0, age: 0n, exitsAge: 0n })).equal(0);
      expect(await fresh().store.bounds()).include({ first: 1, last: 0, entryBytes: 0 });
      expect(await fresh().appendTexts('a')).deep.equal([1]);
    });

    it('takes nothing without limits', async () => {
      await fill(5);
      fresh().now += 1_000_000_000n;
      expect(await fresh().trim({})).equal(0);
      expect(await firstKept()).equal(1);
    });

    it('keeps exactly so many entries', async () => {
      await fill(10);
      expect(await fresh().trim({ entries: 10 })).equal(0);
      expect(await fresh().trim({ entries: 9 })).equal(1);
      expect(await firstKept()).equal(2);
      expect(await fresh().trim({ entries: 4 })).equal(5);
      expect(textsOf(await fresh().readAll(6))).deep.equal(
        [7, 8, 9, 10].map((i) => `event ${i}`.padEnd(20)),
      );
    });

    it('keeps as many entries as fit the bytes', async () => {
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

    it('goes by whichever limit takes most', async () => {
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

    it('refuses to read where entries were trimmed, and tells the first kept', async () => {
      const filed = Array.from({ length: 10 }, () =>
        envelope('event', { key: KEY, isLifecycle: true }),
      );
      const { store } = fresh();
      await store.append(filed);
      await fresh().trim({ entries: 4 });
      for (const scope of [undefined, SCOPE, { key: KEY, lifecycleOnly: true }]) {
        for (const after of [0, 4, 5]) {
          const text = await rejection(store.read(after, ALL, scope), 'OUT_OF_RANGE');
          expect(text).contain(`after offset ${after} were trimmed; the first kept is 7`);
        }
        expect(offsetsOf(await store.read(6, ALL, scope))).deep.equal([7, 8, 9, 10]);
        expect(offsetsOf(await store.read(7, ALL, scope))).deep.equal([8, 9, 10]);
        expect(await store.read(10, ALL, scope)).deep.equal([]);
      }
      const nobody = { namespace: 'default', container: 'nobody' };
      await rejection(fresh().readAll(5, nobody), 'OUT_OF_RANGE');
      expect(await fresh().readAll(6, nobody)).deep.equal([]);
    });

    it('leaves times to be found among what is kept', async () => {
      const test = fresh();
      const start = test.now;
      for (let i = 1n; i <= 10n; i++) {
        await test.store.append([envelope('event', { timestamp: start + i })]);
      }
      await test.trim({ entries: 5 });
      expect(await test.store.offsetAt(0n)).equal(6);
      expect(await test.store.offsetAt(start + 8n)).equal(8);
      expect(await test.store.offsetAt(start + 11n)).equal(11);
    });

    it('forgets containers without entries', async () => {
      const { store } = fresh();
      const gone = { namespace: 'default', container: 'gone' };
      await store.append([envelope('a', { key: gone }), envelope('b', { key: KEY })]);
      await store.append([envelope('c', { key: gone }), envelope('d', { key: KEY })]);
      await fresh().trim({ entries: 2 });
      expect(await fresh().keysOf('default')).have.deep.members([gone, KEY]);
      await fresh().trim({ entries: 1 });
      expect(await fresh().keysOf('default')).deep.equal([KEY]);
    });

    it('tells the tail nothing, and disturbs it in nothing', async () => {
      const told: number[] = [];
      fresh().store.tail((entries) => told.push(...offsetsOf(entries)));
      await fill(5);
      await fresh().trim({ entries: 2 });
      await fill(2);
      expect(told).deep.equal([1, 2, 3, 4, 5, 6, 7]);
    });

    it('goes in steps, each of which says whether it was the last', async () => {
      const { store } = fresh();
      await store.append(Array.from({ length: 5000 }, () => envelope('event', { key: KEY })));
      const retention = { age: undefined, bytes: undefined, entries: 10, exitsAge: undefined };
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

    it('may be called several times at once', async () => {
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
