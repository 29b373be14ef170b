import { expect } from 'chai';
import { ENTRY_OVERHEAD } from '../../server/history/store.js';
import { envelope, freshStore, offsetsOf, textsOf, type StoreFactory } from './store-under-test.js';

const KEY = { namespace: 'default', container: 'web' };

export function describeReopen(factory: StoreFactory): void {
  describe('opening again', () => {
    const fresh = freshStore(factory);

    if (!factory.survives) {
      it('begins a new history', async () => {
        const { epoch } = fresh().store;
        await fresh().appendTexts('a');
        await fresh().reopen();
        expect(fresh().store.epoch).not.equal(epoch);
        expect(await fresh().appendTexts('b')).deep.equal([1]);
        expect(textsOf(await fresh().readAll())).deep.equal(['b']);
      });
      return;
    }

    it('finds the same history, also an empty one', async () => {
      const { epoch } = fresh().store;
      await fresh().reopen();
      expect(fresh().store.epoch).equal(epoch);
      expect(await fresh().store.bounds()).include({ first: 1, last: 0, lastStoredAt: 0n });
      await fresh().appendTexts('a', 'x'.repeat(50_000));
      const before = await fresh().readAll();
      // What it takes where it is stored may change as it is closed.
      const { first, last, keptExits, entryBytes } = await fresh().store.bounds();
      await fresh().reopen();
      expect(fresh().store.epoch).equal(epoch);
      expect(await fresh().readAll()).deep.equal(before);
      expect(await fresh().store.bounds()).include({ first, last, keptExits, entryBytes });
    });

    it('goes on with the next offset', async () => {
      for (let round = 0; round < 5; round++) {
        expect(await fresh().appendTexts('a', 'b')).deep.equal([2 * round + 1, 2 * round + 2]);
        await fresh().reopen();
      }
    });

    it('still knows the keys', async () => {
      const filed = envelope('filed', { key: KEY });
      await fresh().store.append([filed, envelope('other'), filed]);
      await fresh().reopen();
      await fresh().store.append([filed]);
      expect(offsetsOf(await fresh().readAll(0, KEY))).deep.equal([1, 3, 4]);
      expect(await fresh().keysOf('default')).deep.equal([KEY]);
    });

    it('still finds times, and never lets storedAt fall', async () => {
      const test = fresh();
      const start = test.now;
      await test.store.append([envelope('late', { timestamp: start + 1000n })]);
      test.now = start - 50n;
      await test.reopen();
      await test.store.append([envelope('early', { timestamp: start })]);
      expect((await test.readAll()).map(({ storedAt }) => storedAt)).deep.equal([start, start]);
      expect(await test.store.offsetAt(start)).equal(1);
      expect(await test.store.offsetAt(start + 1000n)).equal(1);
      expect(await test.store.offsetAt(start + 1001n)).equal(3);
    });

    it('finds what was trimmed to, and the kept exits', async () => {
      const test = fresh();
      const exit = envelope('exit', { key: KEY, isLifecycle: true, outlasts: true });
      await test.store.append([exit, envelope('b'), exit, envelope('d'), exit, envelope('f')]);
      await test.trim({ entries: 2 });
      const bounds = { ...(await test.store.bounds()), storedBytes: 0 };
      const kept = await test.readKept();
      expect(bounds).include({ first: 5, last: 6, keptExits: 2 });
      await test.reopen();
      expect({ ...(await test.store.bounds()), storedBytes: 0 }).deep.equal(bounds);
      expect(await test.readKept()).deep.equal(kept);
      expect(await test.readKept(0, { key: KEY, lifecycleOnly: true })).deep.equal(kept);
      expect(offsetsOf(await test.readAll(4, KEY))).deep.equal([5]);
      expect(await test.appendTexts('g')).deep.equal([7]);
      expect((await test.store.bounds()).entryBytes).equal(bounds.entryBytes + 1 + ENTRY_OVERHEAD);
      expect(await test.trim({ entries: 2 })).equal(1);
      expect(offsetsOf(await test.readKept())).deep.equal([1, 3, 5]);
    });

    it('does not bring back a tail of before', async () => {
      const told: number[] = [];
      fresh().store.tail((entries) => told.push(...offsetsOf(entries)));
      await fresh().appendTexts('a');
      await fresh().reopen();
      await fresh().appendTexts('b');
      expect(told).deep.equal([1]);
    });
  });
}
