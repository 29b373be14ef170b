import { expect } from 'chai';
import { ENTRY_OVERHEAD } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import { envelope, freshStore, keyOf, mainOf, offsetsOf, textsOf } from './store-under-test.js';

const KEY = keyOf('default', 'web');

export function describeReopen(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('opening again', () => {
    const fresh = freshStore(frame, driver);

    if (!driver.persistent) {
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

    it('finds the same history, even an empty one', async () => {
      const { epoch } = fresh().store;
      await fresh().reopen();
      expect(fresh().store.epoch).equal(epoch);
      expect(await fresh().store.bounds()).include({ first: 1, last: 0, lastStoredAt: 0n });
      await fresh().appendTexts('a', 'x'.repeat(50_000));
      const before = await fresh().readAll();
      const { first, last, lastingEntries, entryBytes } = await fresh().store.bounds();
      await fresh().reopen();
      expect(fresh().store.epoch).equal(epoch);
      expect(await fresh().store.sync()).include({ offset: 2 });
      expect(await fresh().readAll()).deep.equal(before);
      expect(await fresh().store.bounds()).include({ first, last, lastingEntries, entryBytes });
    });

    it('continues with the next offset', async () => {
      for (let round = 0; round < 5; round++) {
        expect(await fresh().appendTexts('a', 'b')).deep.equal([2 * round + 1, 2 * round + 2]);
        await fresh().reopen();
      }
    });

    it('finds entries by key', async () => {
      const keyed = envelope('keyed', { key: KEY });
      await fresh().store.append([keyed, envelope('other'), keyed]);
      await fresh().reopen();
      await fresh().store.append([keyed]);
      expect(offsetsOf(await fresh().readAll(0, KEY))).deep.equal([1, 3, 4]);
      expect(await fresh().keysWith('')).deep.equal([KEY]);
    });

    it('finds times, and never lets storedAt fall', async () => {
      const test = fresh();
      const start = test.now;
      await test.store.append([envelope('late', { time: start + 1000n })]);
      test.now = start - 50n;
      await test.reopen();
      await test.store.append([envelope('early', { time: start })]);
      expect((await test.readAll()).map(({ storedAt }) => storedAt)).deep.equal([start, start]);
      expect(await test.store.offsetAt(start)).equal(1);
      expect(await test.store.offsetAt(start + 1000n)).equal(1);
      expect(await test.store.offsetAt(start + 1001n)).equal(3);
    });

    it('finds the first entry and the lasting ones after trimming', async () => {
      const test = fresh();
      const exit = envelope('exit', { key: mainOf(KEY), retention: 'lasting' });
      await test.store.append([exit, envelope('b'), exit, envelope('d'), exit, envelope('f')]);
      await test.trim({ entries: 2 });
      const bounds = await test.store.bounds();
      const kept = await test.readLasting();
      expect(bounds).include({ first: 5, last: 6, lastingEntries: 2 });
      await test.reopen();
      expect(await test.store.bounds()).deep.equal(bounds);
      expect(await test.readLasting()).deep.equal(kept);
      expect(await test.readLasting(0, mainOf(KEY))).deep.equal(kept);
      expect(offsetsOf(await test.readAll(4, KEY))).deep.equal([5]);
      expect(await test.appendTexts('g')).deep.equal([7]);
      expect((await test.store.bounds()).entryBytes).equal(bounds.entryBytes + 1 + ENTRY_OVERHEAD);
      expect(await test.trim({ entries: 2 })).equal(1);
      expect(offsetsOf(await test.readLasting())).deep.equal([1, 3, 5]);
    });

    it('does not deliver to listeners of the closed store', async () => {
      const received: number[] = [];
      fresh().store.tail((entries) => received.push(...offsetsOf(entries)));
      await fresh().appendTexts('a');
      await fresh().reopen();
      await fresh().appendTexts('b');
      expect(received).deep.equal([1]);
    });
  });
}
