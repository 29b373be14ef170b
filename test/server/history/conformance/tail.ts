import { expect } from 'chai';
import { once } from 'node:events';
import type { Entry } from '../../../../server/history/store.js';
import { envelope, freshStore, offsetsOf, type StoreFactory } from './store-under-test.js';

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

    it('tells an entry only once it can be read, and to both at once', async () => {
      const { store } = fresh();
      let told = 0;
      const reads: Promise<void>[] = [];
      store.tail((entries) => {
        told = entries.at(-1)!.offset;
        reads.push(
          fresh()
            .readAll()
            .then((read) => expect(read.at(-1)?.offset).equal(told))
            .then(() => undefined),
        );
      });
      const readAhead = async (done: { value: boolean }): Promise<void> => {
        while (!done.value) {
          const reading = store.read(told, { entries: 1, bytes: 1 });
          const toldThen = told;
          expect(offsetsOf(await reading), `after ${toldThen}, which was told last`).empty;
          await new Promise(setImmediate);
        }
      };
      const done = { value: false };
      const reading = readAhead(done);
      for (let i = 0; i < 30; i++) await store.append([envelope(`event ${i}`)]);
      done.value = true;
      await reading;
      expect(reads).length(30);
      await Promise.all(reads);
    });

    it('has told an entry when its append resolves', async () => {
      const { store } = fresh();
      let last = 0;
      store.tail((entries) => (last = entries.at(-1)!.offset));
      for (let i = 1; i <= 5; i++) {
        expect(await store.append([envelope('event')])).equal(i);
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
