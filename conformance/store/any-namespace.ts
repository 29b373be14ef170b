import { expect } from 'chai';
import type { Scope } from '../../server/history/store.js';
import {
  ALL,
  envelope,
  freshStore,
  KEEP_ALL,
  offsetsOf,
  rejection,
  type StoreFactory,
} from './store-under-test.js';

/** Some that are parts of others, and some that sort next to what a driver may put between namespace and id. */
const NAMESPACES = ['', 'a', 'a\x01', 'a\x01b', 'ab', 'b', '__proto__', 'ü', '🐳', '*', '[a]'];

function web(lifecycleOnly = false): Scope {
  return { key: { namespace: undefined, container: 'web' }, lifecycleOnly };
}

export function describeAnyNamespace(factory: StoreFactory): void {
  const fresh = freshStore(factory);

  describe('read with an id in any namespace', () => {
    const readIn = async (scope: Scope, after = 0, limit = ALL): Promise<number[]> =>
      offsetsOf(await fresh().store.read(after, limit, scope));

    it('gives the entries of each such container in the order of all', async () => {
      const { store } = fresh();
      const alike = ['we', 'webb', 'b\0web', '\0web', 'Web'];
      const rounds = 3;
      const expected: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const begin = round * NAMESPACES.length * 2;
        await store.append(
          NAMESPACES.flatMap((namespace, i) => [
            envelope('event', { key: { namespace, container: alike[i % alike.length]! } }),
            envelope('event', { key: { namespace, container: 'web' }, isLifecycle: round === 1 }),
          ]),
        );
        expected.push(...NAMESPACES.map((_, i) => begin + 2 * i + 2));
      }
      expect(await readIn(web())).deep.equal(expected);
      const ofRound = expected.slice(NAMESPACES.length, 2 * NAMESPACES.length);
      expect(await readIn(web(true))).deep.equal(ofRound);
      for (const namespace of NAMESPACES) {
        const offsets = offsetsOf(await fresh().readAll(0, { namespace, container: 'web' }));
        expect(offsets, namespace).length(rounds);
      }
    });

    it('finds a container wherever its namespace is among the others', async () => {
      const { store } = fresh();
      await store.append(
        NAMESPACES.map((namespace, i) =>
          envelope('event', { key: { namespace, container: `${i}` } }),
        ),
      );
      for (const i of NAMESPACES.keys()) {
        const key = { namespace: undefined, container: `${i}` };
        expect(await readIn({ key, lifecycleOnly: false })).deep.equal([i + 1]);
      }
    });

    it('gives nothing where no namespace has it', async () => {
      expect(await readIn(web())).deep.equal([]);
      const key = { namespace: 'web', container: 'db' };
      await fresh().store.append([envelope('event', { key }), envelope('web')]);
      expect(await readIn(web())).deep.equal([]);
    });

    it('begins after the offset and keeps to the limits', async () => {
      const { store } = fresh();
      const keys = ['one', 'two', 'six'].map((namespace) => ({ namespace, container: 'web' }));
      const other = { namespace: 'one', container: 'other' };
      for (const key of [...keys, ...keys]) {
        await store.append([envelope('12345', { key }), envelope('12345', { key: other })]);
      }
      const size = envelope('12345', { key: keys[0]! }).bytes.length;
      expect(await readIn(web())).deep.equal([1, 3, 5, 7, 9, 11]);
      expect(await readIn(web(), 2)).deep.equal([3, 5, 7, 9, 11]);
      expect(await readIn(web(), 3)).deep.equal([5, 7, 9, 11]);
      expect(await readIn(web(), 11)).deep.equal([]);
      expect(await readIn(web(), 99)).deep.equal([]);
      expect(await readIn(web(), 0, { ...ALL, entries: 4 })).deep.equal([1, 3, 5, 7]);
      expect(await readIn(web(), 0, { ...ALL, bytes: 1 })).deep.equal([1]);
      expect(await readIn(web(), 3, { ...ALL, bytes: size + 1 })).deep.equal([5, 7]);
    });

    it('finds one among thousands of namespaces, and one that all of them have', async () => {
      const { store } = fresh();
      const namespaces = Array.from({ length: 3210 }, (_, i) => `namespace-${i}`);
      const filed = (container: string, names: readonly string[]) =>
        names.map((namespace) => envelope('event', { key: { namespace, container } }));
      await store.append(filed('db', namespaces));
      await store.append(filed('web', ['namespace-1234']));
      expect(await readIn(web())).deep.equal([3211]);
      const db = { key: { namespace: undefined, container: 'db' }, lifecycleOnly: false };
      expect(await readIn(db)).deep.equal(namespaces.map((_, i) => i + 1));
    });

    it('refuses to read where entries were trimmed, of the container or not', async () => {
      const { store } = fresh();
      await store.append([envelope('other'), envelope('other'), envelope('other')]);
      await fresh().trim({ entries: 1 });
      await rejection(readIn(web()), 'OUT_OF_RANGE');
      expect(await readIn(web(), 2)).deep.equal([]);
    });

    it('sees an entry of a new namespace as soon as its append has resolved', async () => {
      const { store } = fresh();
      for (const [i, namespace] of NAMESPACES.entries()) {
        expect(await readIn(web(), i)).deep.equal([]);
        await store.append([envelope('event', { key: { namespace, container: 'web' } })]);
        expect(await readIn(web(), i)).deep.equal([i + 1]);
      }
    });

    it('still knows the namespaces when some of them have gone and come back', async () => {
      const { store } = fresh();
      const append = (namespace: string) =>
        store.append([envelope('event', { key: { namespace, container: 'web' } })]);
      for (const namespace of ['a', 'b', 'c']) await append(namespace);
      await fresh().trim({ entries: 1 });
      expect(await readIn(web(), 2)).deep.equal([3]);
      for (const namespace of ['b', 'a']) await append(namespace);
      expect(await readIn(web(), 2)).deep.equal([3, 4, 5]);
      if (factory.survives) await fresh().reopen();
      expect(await readIn(web(), 2)).deep.equal([3, 4, 5]);
    });
  });

  describe('kept exits with an id in any namespace', () => {
    const readKept = async (scope: Scope, after = 0, limit = ALL): Promise<number[]> =>
      offsetsOf(await fresh().store.readKeptExits(after, limit, scope));

    /** Twelve entries of three containers in turn, of which every second is an exit; the last three tell of no run. */
    async function fill(): Promise<void> {
      const keys = [
        { namespace: 'a', container: 'web' },
        { namespace: 'b', container: 'web' },
        { namespace: 'a', container: 'db' },
      ];
      for (let i = 1; i <= 12; i++) {
        fresh().now += 1n;
        const options = { key: keys[i % 3]!, outlasts: i % 2 === 0, isLifecycle: i < 10 };
        await fresh().store.append([envelope(`event ${i}`, options)]);
      }
      await fresh().trim({ entries: 1 });
    }

    it('are read in order and up to the limits', async () => {
      await fill();
      expect(await readKept(web())).deep.equal([4, 6, 10]);
      expect(await readKept(web(true))).deep.equal([4, 6]);
      expect(await readKept(web(), 4)).deep.equal([6, 10]);
      expect(await readKept(web(), 10)).deep.equal([]);
      expect(await readKept(web(), 0, { ...ALL, entries: 2 })).deep.equal([4, 6]);
      expect(await readKept(web(), 0, { ...ALL, bytes: 1 })).deep.equal([4]);
      const nobody = { key: { namespace: undefined, container: 'nobody' }, lifecycleOnly: false };
      expect(await readKept(nobody)).deep.equal([]);
    });

    it('are not read with the entries, nor the entries with them', async () => {
      await fill();
      expect(offsetsOf(await fresh().store.read(11, ALL, web()))).deep.equal([12]);
      await fresh().store.append([
        envelope('exit', { key: { namespace: 'c', container: 'web' }, outlasts: true }),
      ]);
      expect(await readKept(web())).deep.equal([4, 6, 10]);
    });

    it('go when they are over their own age', async () => {
      await fill();
      await fresh().store.trim({ ...KEEP_ALL, exitsAge: 7n });
      expect(await readKept(web())).deep.equal([6, 10]);
      await fresh().store.trim({ ...KEEP_ALL, exitsAge: 0n });
      expect(await readKept(web())).deep.equal([]);
    });
  });
}
