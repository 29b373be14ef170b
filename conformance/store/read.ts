import { expect } from 'chai';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import { entriesOf, envelope, freshStore, offsetsOf, textsOf } from './store-under-test.js';

const MANY_BYTES = Number.MAX_SAFE_INTEGER;

export function describeRead(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('read', () => {
    const fresh = freshStore(frame, driver);

    it('returns nothing from an empty history', async () => {
      expect(await fresh().readAll()).deep.equal([]);
      expect(await fresh().readAll(5)).deep.equal([]);
    });

    it('begins after the offset', async () => {
      await fresh().appendTexts('a', 'b', 'c');
      expect(textsOf(await fresh().readAll(0))).deep.equal(['a', 'b', 'c']);
      expect(textsOf(await fresh().readAll(2))).deep.equal(['c']);
      expect(await fresh().readAll(3)).deep.equal([]);
      expect(await fresh().readAll(1000)).deep.equal([]);
    });

    it('stops at the number of entries', async () => {
      const { store } = fresh();
      await fresh().appendTexts('a', 'b', 'c');
      for (const entries of [1, 2, 3]) {
        expect(offsetsOf(await store.read(0, { entries, bytes: MANY_BYTES }))).length(entries);
      }
      expect(offsetsOf(await store.read(0, { entries: 4, bytes: MANY_BYTES }))).length(3);
    });

    it('stops after the envelope that reaches the bytes', async () => {
      const { store } = fresh();
      await fresh().appendTexts('12345', '12345', '12345');
      const read = async (bytes: number) => offsetsOf(await store.read(0, { entries: 10, bytes }));
      expect(await read(1)).deep.equal([1]);
      expect(await read(5)).deep.equal([1]);
      expect(await read(6)).deep.equal([1, 2]);
      expect(await read(10)).deep.equal([1, 2]);
      expect(await read(11)).deep.equal([1, 2, 3]);
    });

    it('returns at least one entry, even of 16 MiB', async () => {
      const { store } = fresh();
      const bytes = Buffer.alloc(16 * 1024 * 1024, 'large');
      await store.append([{ ...envelope(''), bytes }]);
      await store.append([envelope('small')]);
      const entries = entriesOf(await store.read(0, { entries: 10, bytes: 1 }));
      expect(offsetsOf(entries)).deep.equal([1]);
      expect(Buffer.compare(entries[0]!.envelope, bytes)).equal(0);
      expect(textsOf(await store.read(1, { entries: 10, bytes: 1 }))).deep.equal(['small']);
    });

    it('returns bytes that later reads and appends do not change', async () => {
      const { store } = fresh();
      const large = (letter: string): string => letter.repeat(100_000);
      await fresh().appendTexts('a', large('b'));
      const before = await fresh().readAll();
      await fresh().appendTexts('c', large('d'));
      await store.read(2, { entries: 10, bytes: MANY_BYTES });
      expect(textsOf(before)).deep.equal(['a', large('b')]);
    });

    it('returns the same entry every time', async () => {
      await fresh().appendTexts('a', 'b');
      expect(await fresh().readAll()).deep.equal(await fresh().readAll());
    });

    it('sees an entry as soon as its append has resolved', async () => {
      const { store } = fresh();
      for (let i = 1; i <= 20; i++) {
        // A read before keeps a driver's snapshot of the time before the append.
        expect(await fresh().readAll(i - 1)).deep.equal([]);
        await store.append([envelope(`event ${i}`)]);
        expect(offsetsOf(await fresh().readAll(i - 1))).deep.equal([i]);
      }
    });
  });
}
