import { expect } from 'chai';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  ALL,
  envelope,
  freshStore,
  inAnyGroup,
  KEEP_ALL,
  keyOf,
  mainOf,
  offsetsOf,
} from './store-under-test.js';

/** Some are prefixes of others, and some sort next to the NUL between group and name. */
const GROUPS = ['a', 'a\x01', 'a\x01b', 'ab', 'b', '__proto__', 'ü', '🐳', '*', '[a]', '?'];

const WEB = inAnyGroup('web');

export function describeAnyGroup(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  const fresh = freshStore(frame, driver);

  describe('read of a name in any group', () => {
    const readIn = async (key: string, after = 0, limit = ALL): Promise<number[]> =>
      offsetsOf(await fresh().store.read(after, limit, key));

    it('returns the entries of all groups in order of their offsets', async () => {
      const { store } = fresh();
      const alike = ['we', 'webb', 'bweb', ' web', 'Web'];
      const rounds = 3;
      const expected: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const begin = round * GROUPS.length * 2;
        await store.append(
          GROUPS.flatMap((group, i) => {
            const key = keyOf(group, 'web');
            return [
              envelope('event', { key: keyOf(group, alike[i % alike.length]!) }),
              envelope('event', { key: round === 1 ? mainOf(key) : key }),
            ];
          }),
        );
        expected.push(...GROUPS.map((_, i) => begin + 2 * i + 2));
      }
      expect(await readIn(WEB)).deep.equal(expected);
      const ofRound = expected.slice(GROUPS.length, 2 * GROUPS.length);
      expect(await readIn(mainOf(WEB))).deep.equal(ofRound);
      for (const group of GROUPS) {
        const offsets = offsetsOf(await fresh().readAll(0, keyOf(group, 'web')));
        expect(offsets, group).length(rounds);
      }
    });

    it('finds a name wherever its group sorts among the others', async () => {
      const { store } = fresh();
      await store.append(
        GROUPS.map((group, i) => envelope('event', { key: keyOf(group, `${i}`) })),
      );
      for (const i of GROUPS.keys()) {
        expect(await readIn(inAnyGroup(`${i}`))).deep.equal([i + 1]);
      }
    });

    it('returns nothing when no group has the name', async () => {
      expect(await readIn(WEB)).deep.equal([]);
      await fresh().store.append([envelope('event', { key: keyOf('web', 'db') }), envelope('web')]);
      expect(await readIn(WEB)).deep.equal([]);
    });

    it('begins after the offset and keeps to the limits', async () => {
      const { store } = fresh();
      const keys = ['one', 'two', 'six'].map((group) => keyOf(group, 'web'));
      const other = keyOf('one', 'other');
      for (const key of [...keys, ...keys]) {
        await store.append([envelope('12345', { key }), envelope('12345', { key: other })]);
      }
      const size = envelope('12345', { key: keys[0] }).bytes.length;
      expect(await readIn(WEB)).deep.equal([1, 3, 5, 7, 9, 11]);
      expect(await readIn(WEB, 2)).deep.equal([3, 5, 7, 9, 11]);
      expect(await readIn(WEB, 3)).deep.equal([5, 7, 9, 11]);
      expect(await readIn(WEB, 11)).deep.equal([]);
      expect(await readIn(WEB, 99)).deep.equal([]);
      expect(await readIn(WEB, 0, { ...ALL, entries: 4 })).deep.equal([1, 3, 5, 7]);
      expect(await readIn(WEB, 0, { ...ALL, bytes: 1 })).deep.equal([1]);
      expect(await readIn(WEB, 3, { ...ALL, bytes: size + 1 })).deep.equal([5, 7]);
    });

    it('finds a name in one of thousands of groups, and in all of them', async () => {
      const { store } = fresh();
      const groups = Array.from({ length: 3210 }, (_, i) => `group-${i}`);
      await store.append(groups.map((group) => envelope('event', { key: keyOf(group, 'db') })));
      await store.append([envelope('event', { key: keyOf('group-1234', 'web') })]);
      expect(await readIn(WEB)).deep.equal([3211]);
      expect(await readIn(inAnyGroup('db'))).deep.equal(groups.map((_, i) => i + 1));
    });

    it('reports trimmed entries, under the name or not', async () => {
      const { store } = fresh();
      await store.append([envelope('other'), envelope('other'), envelope('other')]);
      await fresh().trim({ entries: 1 });
      expect(await store.read(0, ALL, WEB)).deep.equal({ kind: 'trimmed', first: 3 });
      expect(await readIn(WEB, 2)).deep.equal([]);
    });

    it('sees an entry of a new group as soon as its append has resolved', async () => {
      const { store } = fresh();
      for (const [i, group] of GROUPS.entries()) {
        expect(await readIn(WEB, i)).deep.equal([]);
        await store.append([envelope('event', { key: keyOf(group, 'web') })]);
        expect(await readIn(WEB, i)).deep.equal([i + 1]);
      }
    });

    it('finds groups that were trimmed away and came back', async () => {
      const { store } = fresh();
      const append = (group: string) =>
        store.append([envelope('event', { key: keyOf(group, 'web') })]);
      for (const group of ['a', 'b', 'c']) await append(group);
      await fresh().trim({ entries: 1 });
      expect(await readIn(WEB, 2)).deep.equal([3]);
      for (const group of ['b', 'a']) await append(group);
      expect(await readIn(WEB, 2)).deep.equal([3, 4, 5]);
      if (driver.persistent) await fresh().reopen();
      expect(await readIn(WEB, 2)).deep.equal([3, 4, 5]);
    });
  });

  describe('lasting entries of a name in any group', () => {
    const readLasting = async (key: string, after = 0, limit = ALL): Promise<number[]> =>
      offsetsOf(await fresh().store.readLasting(after, limit, key));

    /** Twelve entries under three keys. Every second is lasting, the first nine are main. */
    async function fill(): Promise<void> {
      const keys = [keyOf('a', 'web'), keyOf('b', 'web'), keyOf('a', 'db')];
      for (let i = 1; i <= 12; i++) {
        fresh().now += 1n;
        const key = keys[i % 3]!;
        const retention = i % 2 === 0 ? 'lasting' : 'ordinary';
        const options = { key: i < 10 ? mainOf(key) : key, retention } as const;
        await fresh().store.append([envelope(`event ${i}`, options)]);
      }
      await fresh().trim({ entries: 1 });
    }

    it('are read in order and up to the limits', async () => {
      await fill();
      expect(await readLasting(WEB)).deep.equal([4, 6, 10]);
      expect(await readLasting(mainOf(WEB))).deep.equal([4, 6]);
      expect(await readLasting(WEB, 4)).deep.equal([6, 10]);
      expect(await readLasting(WEB, 10)).deep.equal([]);
      expect(await readLasting(WEB, 0, { ...ALL, entries: 2 })).deep.equal([4, 6]);
      expect(await readLasting(WEB, 0, { ...ALL, bytes: 1 })).deep.equal([4]);
      expect(await readLasting(inAnyGroup('unknown'))).deep.equal([]);
    });

    it('are not read with the other entries, nor the others with them', async () => {
      await fill();
      expect(offsetsOf(await fresh().store.read(11, ALL, WEB))).deep.equal([12]);
      const key = keyOf('c', 'web');
      await fresh().store.append([envelope('exit', { key, retention: 'lasting' })]);
      expect(await readLasting(WEB)).deep.equal([4, 6, 10]);
    });

    it('are removed at their own age limit', async () => {
      await fill();
      await fresh().store.trim({ ...KEEP_ALL, lastingAge: 7n });
      expect(await readLasting(WEB)).deep.equal([6, 10]);
      await fresh().store.trim({ ...KEEP_ALL, lastingAge: 0n });
      expect(await readLasting(WEB)).deep.equal([]);
    });
  });
}
