import { expect } from 'chai';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  ALL,
  envelope,
  freshStore,
  keyOf,
  mainOf,
  offsetsOf,
  textsOf,
} from './store-under-test.js';

/** Groups and names that a driver confuses if it joins or compares them carelessly. */
const ALIKE = (
  [
    ['a', 'b'],
    ['a', 'bc'],
    ['ab', 'c'],
    ['a', ' '],
    ['a', 'main'],
    ['main', 'a'],
    ['a/b', 'c'],
    ['a', 'b/c'],
    ['a', '/b/c'],
    ['a', 'B'],
    ['a', 'ü 🐳'],
    ['a\x01', 'b'],
    ['__proto__', 'constructor'],
    ['a', 'x'.repeat(1023)],
  ] as const
).map(([group, name]) => ({ group, key: keyOf(group, name) }));

export function describeKeys(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  const fresh = freshStore(frame, driver);

  describe('read with a key', () => {
    it('returns the entries under the key and no others', async () => {
      const { store } = fresh();
      const rounds = [0, 1, 2];
      for (const round of rounds) {
        await store.append([envelope(`no key ${round}`)]);
        await store.append(ALIKE.map(({ key }, i) => envelope(`${i}.${round}`, { key })));
      }
      for (const [i, { key }] of ALIKE.entries()) {
        const texts = textsOf(await fresh().readAll(0, key));
        expect(texts).deep.equal(rounds.map((round) => `${i}.${round}`));
      }
    });

    it('returns nothing for a key without entries', async () => {
      const { store } = fresh();
      await store.append([envelope('a', { key: keyOf('a', 'bb') })]);
      for (const name of ['b', 'bbb', '', 'ba', 'bc']) {
        expect(await fresh().readAll(0, keyOf('a', name))).deep.equal([]);
      }
      expect(await fresh().readAll(0, keyOf('b', 'bb'))).deep.equal([]);
    });

    it('begins after the offset and keeps to the limits', async () => {
      const { store } = fresh();
      const key = keyOf('default', 'one');
      const other = keyOf('default', 'two');
      for (let i = 0; i < 5; i++) {
        await store.append([envelope('12345', { key }), envelope('12345', { key: other })]);
      }
      const size = envelope('12345', { key }).bytes.length;
      const read = async (after: number, entries: number, bytes: number) =>
        offsetsOf(await store.read(after, { entries, bytes }, key));
      expect(await read(0, 10, 1000)).deep.equal([1, 3, 5, 7, 9]);
      expect(await read(1, 10, 1000)).deep.equal([3, 5, 7, 9]);
      expect(await read(2, 10, 1000)).deep.equal([3, 5, 7, 9]);
      expect(await read(8, 10, 1000)).deep.equal([9]);
      expect(await read(9, 10, 1000)).deep.equal([]);
      expect(await read(99, 10, 1000)).deep.equal([]);
      expect(await read(0, 2, 1000)).deep.equal([1, 3]);
      expect(await read(0, 10, size + 1)).deep.equal([1, 3]);
      expect(await read(0, 10, 1)).deep.equal([1]);
    });

    it('keeps many entries of one key in order', async () => {
      const { store } = fresh();
      const key = keyOf('default', 'busy');
      for (let i = 0; i < 4; i++) {
        await store.append(Array.from({ length: 1000 }, () => envelope('event', { key })));
      }
      const offsets = offsetsOf(await fresh().readAll(0, key));
      expect(offsets).deep.equal(Array.from({ length: 4000 }, (_, i) => i + 1));
    });
  });

  describe('read of main entries only', () => {
    const key = keyOf('default', 'web');
    const main = mainOf(key);

    it('skips the other entries of the key, and all together are in order', async () => {
      const { store } = fresh();
      const isMain = [false, true, true, false, false, false, true, false];
      const events = isMain.map((isMain) => envelope('event', { key: isMain ? main : key }));
      await store.append(events);
      const other = mainOf(keyOf('default', 'other'));
      await store.append([envelope('start', { key: other }), envelope('no key')]);
      await store.append(events);
      expect(offsetsOf(await store.read(0, ALL, main))).deep.equal([2, 3, 7, 12, 13, 17]);
      expect(offsetsOf(await store.read(3, { ...ALL, entries: 2 }, main))).deep.equal([7, 12]);
      const both = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18];
      expect(offsetsOf(await fresh().readAll(0, key))).deep.equal(both);
      expect(offsetsOf(await fresh().readAll(7, key))).deep.equal(both.slice(7));
      expect(offsetsOf(await store.read(7, { ...ALL, entries: 3 }, key))).deep.equal([8, 11, 12]);
    });

    it('returns nothing when there are none', async () => {
      const { store } = fresh();
      await store.append([envelope('event', { key }), envelope('event', { key })]);
      expect(await fresh().readAll(0, main)).deep.equal([]);
    });
  });

  describe('keys', () => {
    it('lists each key with the prefix once, without the suffix of main entries', async () => {
      const { store } = fresh();
      await store.append(ALIKE.map(({ key }) => envelope('event', { key })));
      await store.append(ALIKE.map(({ key }) => envelope('event', { key: mainOf(key) })));
      const all = ALIKE.map(({ key }) => key);
      const groups = ALIKE.map(({ group }) => `${group}\0`);
      for (const prefix of new Set(['', 'a', 'a\0b', 'a\0ü', '*', ...groups])) {
        const expected = all.filter((key) => key.startsWith(prefix));
        expect(await fresh().keysWith(prefix), prefix).have.members(expected);
      }
      expect(await fresh().keysWith('unknown\0')).deep.equal([]);
    });

    it('lists thousands', async () => {
      const { store } = fresh();
      const names = Array.from({ length: 4321 }, (_, i) => `container-${i}`);
      const keyed = (group: string) =>
        names.map((name) => envelope('event', { key: keyOf(group, name) }));
      await store.append([...keyed('default'), ...keyed('default'), ...keyed('default2')]);
      const found = await fresh().keysWith('default\0');
      expect(found.sort()).deep.equal(names.map((name) => keyOf('default', name)).sort());
    });

    it('may be left early', async () => {
      const { store } = fresh();
      await store.append(ALIKE.map(({ key }) => envelope('event', { key })));
      for await (const key of store.keys('ab\0')) {
        expect(key).equal(keyOf('ab', 'c'));
        break;
      }
      expect(await fresh().appendTexts('after')).deep.equal([ALIKE.length + 1]);
    });
  });
}
