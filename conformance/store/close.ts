import { expect } from 'chai';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  ALL,
  envelope,
  freshStore,
  KEEP_ALL,
  keyOf,
  rejection,
  textsOf,
} from './store-under-test.js';

export function describeClose(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('close', () => {
    const fresh = freshStore(frame, driver);

    it('may be called twice, also concurrently', async () => {
      const { store } = fresh();
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });

    it('finishes what was accepted before', async () => {
      const texts = Array.from({ length: 200 }, (_, i) => `event ${i}`);
      const received: string[] = [];
      fresh().store.tail((entries) => received.push(...textsOf(entries)));
      const appended = fresh().appendTexts(...texts);
      await fresh().store.close();
      expect(received).deep.equal(texts);
      expect((await appended).at(-1)).equal(texts.length);
      if (!driver.persistent) return;
      await fresh().reopen();
      expect(textsOf(await fresh().readAll())).deep.equal(texts);
    });

    it('makes every later call reject, also while it is under way', async () => {
      const { store } = fresh();
      await fresh().appendTexts('a');
      const closing = store.close();
      for (const moment of [Promise.resolve(), closing]) {
        await moment;
        await rejection(store.append([envelope('b')]), 'UNAVAILABLE');
        await rejection(store.append([]), 'UNAVAILABLE');
        await rejection(fresh().readAll(), 'UNAVAILABLE');
        await rejection(fresh().readAll(0, keyOf('a', 'b')), 'UNAVAILABLE');
        await rejection(store.sync(), 'UNAVAILABLE');
        await rejection(store.bounds(), 'UNAVAILABLE');
        await rejection(store.storedBytes(), 'UNAVAILABLE');
        await rejection(store.offsetAt(0n), 'UNAVAILABLE');
        await rejection(store.readLasting(0, ALL), 'UNAVAILABLE');
        await rejection(store.trim(KEEP_ALL), 'UNAVAILABLE');
        const keys = store.keys('')[Symbol.asyncIterator]();
        await rejection(Promise.resolve(keys.next()), 'UNAVAILABLE');
      }
    });
  });
}
