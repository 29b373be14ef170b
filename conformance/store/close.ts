import { expect } from 'chai';
import {
  ALL,
  envelope,
  freshStore,
  KEEP_ALL,
  rejection,
  textsOf,
  type StoreFactory,
} from './store-under-test.js';

export function describeClose(factory: StoreFactory): void {
  describe('close', () => {
    const fresh = freshStore(factory);

    it('may be called twice, also at once', async () => {
      const { store } = fresh();
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });

    it('finishes what was accepted before', async () => {
      const texts = Array.from({ length: 200 }, (_, i) => `event ${i}`);
      const told: string[] = [];
      fresh().store.tail((entries) => told.push(...textsOf(entries)));
      const appended = fresh().appendTexts(...texts);
      await fresh().store.close();
      expect(told).deep.equal(texts);
      expect((await appended).at(-1)).equal(texts.length);
      if (!factory.survives) return;
      await fresh().reopen();
      expect(textsOf(await fresh().readAll())).deep.equal(texts);
    });

    it('makes every later call unavailable, also while it is under way', async () => {
      const { store } = fresh();
      await fresh().appendTexts('a');
      const closing = store.close();
      for (const moment of [Promise.resolve(), closing]) {
        await moment;
        await rejection(store.append([envelope('b')]), 'UNAVAILABLE');
        await rejection(store.append([]), 'UNAVAILABLE');
        await rejection(fresh().readAll(), 'UNAVAILABLE');
        await rejection(fresh().readAll(0, { namespace: 'a', container: 'b' }), 'UNAVAILABLE');
        await rejection(store.bounds(), 'UNAVAILABLE');
        await rejection(store.offsetAt(0n), 'UNAVAILABLE');
        await rejection(store.readKeptExits(0, ALL), 'UNAVAILABLE');
        await rejection(store.trim(KEEP_ALL), 'UNAVAILABLE');
        const keys = store.keys('default')[Symbol.asyncIterator]();
        await rejection(Promise.resolve(keys.next()), 'UNAVAILABLE');
      }
    });
  });
}
