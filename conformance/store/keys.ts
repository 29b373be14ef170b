import { expect } from 'chai';
import type { ContainerKey } from '../../server/history/store.js';
import {
  ALL,
  envelope,
  freshStore,
  offsetsOf,
  textsOf,
  type StoreFactory,
} from './store-under-test.js';

/** Pairs that run into each other where the two names are joined carelessly. */
const ALIKE: readonly ContainerKey[] = [
  { namespace: 'a', container: 'b' },
  { namespace: 'a', container: 'bc' },
  { namespace: 'ab', container: 'c' },
  { namespace: 'a', container: 'b\0c' },
  { namespace: 'a', container: '\0' },
  { namespace: 'a', container: '' },
  { namespace: 'a/b', container: 'c' },
  { namespace: 'a', container: 'b/c' },
  { namespace: 'a', container: '/b/c' },
  { namespace: '', container: 'ab' },
  { namespace: 'a', container: 'B' },
  { namespace: 'a', container: 'ü 🐳' },
  { namespace: 'a\x01', container: 'b' },
  { namespace: '__proto__', container: 'constructor' },
  { namespace: 'a', container: 'x'.repeat(1023) },
];

export function describeKeys(factory: StoreFactory): void {
  const fresh = freshStore(factory);

  describe('read with a key', () => {
    it('gives that container’s entries and no others', async () => {
      const { store } = fresh();
      const rounds = [0, 1, 2];
      for (const round of rounds) {
        await store.append([envelope(`no key ${round}`)]);
        await store.append(ALIKE.map((key, i) => envelope(`${i}.${round}`, { key })));
      }
      for (const [i, key] of ALIKE.entries()) {
        const texts = textsOf(await fresh().readAll(0, key));
        expect(texts).deep.equal(rounds.map((round) => `${i}.${round}`));
      }
    });

    it('gives nothing for a container without entries', async () => {
      const { store } = fresh();
      await store.append([envelope('a', { key: { namespace: 'a', container: 'bb' } })]);
      for (const container of ['b', 'bbb', '', 'ba', 'bc']) {
        expect(await fresh().readAll(0, { namespace: 'a', container })).deep.equal([]);
      }
      expect(await fresh().readAll(0, { namespace: 'b', container: 'bb' })).deep.equal([]);
    });

    it('begins after the offset and keeps to the limits', async () => {
      const { store } = fresh();
      const key = { namespace: 'default', container: 'one' };
      const other = { namespace: 'default', container: 'two' };
      for (let i = 0; i < 5; i++) {
        await store.append([envelope('12345', { key }), envelope('12345', { key: other })]);
      }
      const size = envelope('12345', { key }).bytes.length;
      const read = async (after: number, entries: number, bytes: number) =>
        offsetsOf(await store.read(after, { entries, bytes }, { key, lifecycleOnly: false }));
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

    it('keeps many entries of one container in order', async () => {
      const { store } = fresh();
      const key = { namespace: 'default', container: 'busy' };
      for (let i = 0; i < 4; i++) {
        await store.append(Array.from({ length: 1000 }, () => envelope('event', { key })));
      }
      const offsets = offsetsOf(await fresh().readAll(0, key));
      expect(offsets).deep.equal(Array.from({ length: 4000 }, (_, i) => i + 1));
    });
  });

  describe('read of the lifecycle only', () => {
    const key = { namespace: 'default', container: 'web' };
    const other = { namespace: 'default', container: 'other' };
    const lifecycle = { key, lifecycleOnly: true };

    it('passes over the container’s other entries, and all together are in order', async () => {
      const { store } = fresh();
      const isLifecycle = [false, true, true, false, false, false, true, false];
      await store.append(isLifecycle.map((isLifecycle) => envelope('event', { key, isLifecycle })));
      await store.append([
        envelope('start', { key: other, isLifecycle: true }),
        envelope('no key'),
      ]);
      await store.append(isLifecycle.map((isLifecycle) => envelope('event', { key, isLifecycle })));
      expect(offsetsOf(await store.read(0, ALL, lifecycle))).deep.equal([2, 3, 7, 12, 13, 17]);
      expect(offsetsOf(await store.read(3, { ...ALL, entries: 2 }, lifecycle))).deep.equal([7, 12]);
      const both = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18];
      expect(offsetsOf(await fresh().readAll(0, key))).deep.equal(both);
      expect(offsetsOf(await fresh().readAll(7, key))).deep.equal(both.slice(7));
      expect(
        offsetsOf(await store.read(7, { ...ALL, entries: 3 }, { key, lifecycleOnly: false })),
      ).deep.equal([8, 11, 12]);
    });

    it('gives nothing where there are none', async () => {
      const { store } = fresh();
      await store.append([envelope('event', { key }), envelope('event', { key })]);
      expect(await store.read(0, ALL, lifecycle)).deep.equal([]);
    });
  });

  describe('keys', () => {
    it('gives each container of the namespace once', async () => {
      const { store } = fresh();
      for (let round = 0; round < 2; round++) {
        await store.append(ALIKE.map((key) => envelope('event', { key })));
      }
      for (const namespace of new Set(ALIKE.map((key) => key.namespace))) {
        const expected = ALIKE.filter((key) => key.namespace === namespace);
        expect(await fresh().keysOf(namespace)).have.deep.members(expected);
      }
      expect(await fresh().keysOf('nobody')).deep.equal([]);
    });

    it('gives thousands', async () => {
      const { store } = fresh();
      const containers = Array.from({ length: 4321 }, (_, i) => `container-${i}`);
      const filed = (namespace: string) =>
        containers.map((container) => envelope('event', { key: { namespace, container } }));
      await store.append([...filed('default'), ...filed('default'), ...filed('default2')]);
      const found = (await fresh().keysOf('default')).map(({ container }) => container);
      expect(found.sort()).deep.equal(containers.sort());
    });

    it('may be left early', async () => {
      const { store } = fresh();
      await store.append(ALIKE.map((key) => envelope('event', { key })));
      for await (const key of store.keys('ab')) {
        expect(key).deep.equal({ namespace: 'ab', container: 'c' });
        break;
      }
      expect(await fresh().appendTexts('after')).deep.equal([ALIKE.length + 1]);
    });
  });
}
