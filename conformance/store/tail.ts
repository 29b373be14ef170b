import { expect } from 'chai';
import { once } from 'node:events';
import type { Entry } from '../../server/history/store.js';
import {
  envelope,
  freshStore,
  offsetsOf,
  placesOf,
  type StoreFactory,
} from './store-under-test.js';

export function describeTail(factory: StoreFactory): void {
  describe('tail', () => {
    const fresh = freshStore(factory);

    it('tells every entry once and in order, as it can be read', async () => {
      const told: Entry[] = [];
      fresh().store.tail((entries) => told.push(...entries));
      await fresh().appendTexts(...Array.from({ length: 500 }, (_, i) => `event ${i}`));
      await fresh().appendTexts('last');
      const read = await fresh().readAll();
      expect(offsetsOf(told)).deep.equal(offsetsOf(read));
      told.forEach((entry, i) => {
        const { offset, storedAt, fingerprint, envelope: bytes } = read[i]!;
        expect(entry).include({ offset, storedAt, fingerprint });
        expect(Buffer.compare(entry.envelope, bytes)).equal(0);
      });
    });

    it('tells the entries of one append together', async () => {
      const batches: number[][] = [];
      fresh().store.tail((entries) => batches.push(offsetsOf(entries)));
      const three = ['a', 'b', 'c'].map((text) => envelope(text));
      await fresh().store.append(three);
      await fresh().store.append(three);
      expect(batches).deep.equal([
        [1, 2, 3],
        [4, 5, 6],
      ]);
    });

    it('tells an entry when it can be read', async () => {
      const reads: Promise<void>[] = [];
      fresh().store.tail((told) => {
        const reading = fresh().readAll();
        reads.push(reading.then((read) => void expect(read.at(-1)).deep.equal(told.at(-1))));
      });
      for (let i = 0; i < 30; i++) await fresh().appendTexts(`event ${i}`);
      expect(reads).length(30);
      await Promise.all(reads);
    });

    for (const key of [undefined, { namespace: 'default', container: 'web' }]) {
      it(`lets no read ${key ? 'with a key ' : ''}run ahead of it`, async () => {
        const { store } = fresh();
        let told = 0;
        store.tail((entries) => (told = entries.at(-1)!.offset));
        let done = false;
        const readAhead = async (): Promise<void> => {
          while (!done) {
            const before = told;
            const scope = key && { key, lifecycleOnly: false };
            const read = await store.read(before, { entries: 1, bytes: 1 }, scope);
            if (told === before) expect(offsetsOf(read), `told up to ${told}`).empty;
            await new Promise(setImmediate);
          }
        };
        const reading = readAhead();
        for (let i = 0; i < 100; i++) await store.append([envelope('event', key && { key })]);
        done = true;
        await reading;
      });
    }

    it('has told an entry when its append resolves', async () => {
      const { store } = fresh();
      let last = 0;
      store.tail((entries) => (last = entries.at(-1)!.offset));
      for (let i = 1; i <= 5; i++) {
        expect(placesOf(await store.append([envelope('event')]))).deep.equal([i]);
        expect(last).equal(i);
      }
    });

    it('tells nothing of what was there before', async () => {
      await fresh().appendTexts('before');
      const told: number[] = [];
      fresh().store.tail((entries) => told.push(...offsetsOf(entries)));
      await fresh().appendTexts('after');
      expect(told).deep.equal([2]);
    });

    it('tells two listeners the same, and one that was stopped nothing more', async () => {
      const { store } = fresh();
      const told: [number[], number[]] = [[], []];
      const stopFirst = store.tail((entries) => told[0].push(...offsetsOf(entries)));
      store.tail((entries) => told[1].push(...offsetsOf(entries)));
      await fresh().appendTexts('a', 'b');
      stopFirst();
      stopFirst();
      await fresh().appendTexts('c');
      expect(told).deep.equal([
        [1, 2],
        [1, 2, 3],
      ]);
    });

    it('lets a listener stop itself', async () => {
      const { store } = fresh();
      const told: number[] = [];
      await fresh().appendTexts('first');
      const stop = store.tail((entries) => {
        told.push(...offsetsOf(entries));
        stop();
      });
      await fresh().appendTexts('heard');
      await fresh().appendTexts('not heard');
      expect(told).deep.equal([2]);
    });

    it('takes the same listener twice as two', async () => {
      const { store } = fresh();
      const told: number[] = [];
      const listener = (entries: readonly Entry[]): void => {
        told.push(...offsetsOf(entries));
      };
      const stop = store.tail(listener);
      store.tail(listener);
      await fresh().appendTexts('a');
      stop();
      await fresh().appendTexts('b');
      expect(told).deep.equal([1, 1, 2]);
    });

    it('does not let a listener that throws fail an append or silence the others', async () => {
      const { store } = fresh();
      const told: number[] = [];
      const [mocha] = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      try {
        const uncaught = once(process, 'uncaughtException');
        store.tail(() => {
          throw new Error('a listener’s defect');
        });
        store.tail((entries) => told.push(...offsetsOf(entries)));
        expect(await fresh().appendTexts('a')).deep.equal([1]);
        expect(String((await uncaught)[0])).contain('a listener’s defect');
      } finally {
        if (mocha !== undefined) process.on('uncaughtException', mocha);
      }
      expect(told).deep.equal([1]);
    });
  });
}
