import { expect } from 'chai';
import { once } from 'node:events';
import type { Entry } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import { envelope, freshStore, keyOf, offsetsOf, appendedOffsets } from './store-under-test.js';

export function describeTail(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('tail', () => {
    const fresh = freshStore(frame, driver);

    it('delivers every entry once and in order, equal to what is read', async () => {
      const received: Entry[] = [];
      fresh().store.tail((entries) => received.push(...entries));
      await fresh().appendTexts(...Array.from({ length: 500 }, (_, i) => `event ${i}`));
      await fresh().appendTexts('last');
      const read = await fresh().readAll();
      expect(offsetsOf(received)).deep.equal(offsetsOf(read));
      received.forEach((entry, i) => {
        const { offset, storedAt, fingerprint, envelope: bytes } = read[i]!;
        expect(entry).include({ offset, storedAt, fingerprint });
        expect(Buffer.compare(entry.envelope, bytes)).equal(0);
      });
    });

    it('delivers the entries of one append together', async () => {
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

    it('delivers an entry when it can be read', async () => {
      const reads: Promise<void>[] = [];
      fresh().store.tail((received) => {
        // Only the tail may report an origin.
        const last = { ...received.at(-1), origin: undefined };
        const reading = fresh().readAll();
        reads.push(
          reading.then((read) => {
            expect({ ...read.at(-1), origin: undefined }).deep.equal(last);
          }),
        );
      });
      for (let i = 0; i < 30; i++) await fresh().appendTexts(`event ${i}`);
      expect(reads).length(30);
      await Promise.all(reads);
    });

    for (const key of [undefined, keyOf('default', 'web')]) {
      it(`delivers an entry before a read ${key ? 'with a key ' : ''}returns it`, async () => {
        const { store } = fresh();
        let received = 0;
        store.tail((entries) => (received = entries.at(-1)!.offset));
        let done = false;
        const readAhead = async (): Promise<void> => {
          while (!done) {
            const before = received;
            const read = await store.read(before, { entries: 1, bytes: 1 }, key);
            if (received === before) expect(offsetsOf(read), `received up to ${received}`).empty;
            await new Promise(setImmediate);
          }
        };
        const reading = readAhead();
        for (let i = 0; i < 100; i++) await store.append([envelope('event', { key })]);
        done = true;
        await reading;
      });
    }

    it('has delivered an entry when its append resolves', async () => {
      const { store } = fresh();
      let last = 0;
      store.tail((entries) => (last = entries.at(-1)!.offset));
      for (let i = 1; i <= 5; i++) {
        expect(appendedOffsets(await store.append([envelope('event')]))).deep.equal([i]);
        expect(last).equal(i);
      }
    });

    it('delivers no entry from before it was called', async () => {
      await fresh().appendTexts('before');
      const received: number[] = [];
      fresh().store.tail((entries) => received.push(...offsetsOf(entries)));
      await fresh().appendTexts('after');
      expect(received).deep.equal([2]);
    });

    it('delivers to every listener until it is stopped', async () => {
      const { store } = fresh();
      const received: [number[], number[]] = [[], []];
      const stopFirst = store.tail((entries) => received[0].push(...offsetsOf(entries)));
      store.tail((entries) => received[1].push(...offsetsOf(entries)));
      await fresh().appendTexts('a', 'b');
      stopFirst();
      stopFirst();
      await fresh().appendTexts('c');
      expect(received).deep.equal([
        [1, 2],
        [1, 2, 3],
      ]);
    });

    it('is up to date when sync resolves, with the position of the newest entry', async () => {
      const { store } = fresh();
      expect(await store.sync()).deep.equal({ offset: 0, fingerprint: 0 });
      let last = 0;
      store.tail((entries) => (last = entries.at(-1)!.offset));
      const appended = await store.append([envelope('a'), envelope('b')]);
      const { offset, fingerprint } = appended[1]!;
      expect(await store.sync()).deep.equal({ offset, fingerprint });
      expect(last).equal(offset);
    });

    it('lets a listener stop itself', async () => {
      const { store } = fresh();
      const received: number[] = [];
      await fresh().appendTexts('first');
      const stop = store.tail((entries) => {
        received.push(...offsetsOf(entries));
        stop();
      });
      await fresh().appendTexts('heard');
      await fresh().appendTexts('not heard');
      expect(received).deep.equal([2]);
    });

    it('treats a listener that was added twice as two', async () => {
      const { store } = fresh();
      const received: number[] = [];
      const listener = (entries: readonly Entry[]): void => {
        received.push(...offsetsOf(entries));
      };
      const stop = store.tail(listener);
      store.tail(listener);
      await fresh().appendTexts('a');
      stop();
      await fresh().appendTexts('b');
      expect(received).deep.equal([1, 1, 2]);
    });

    it('isolates appends and other listeners from a listener that throws', async () => {
      const { store } = fresh();
      const received: number[] = [];
      // The test framework's own listeners would fail the test.
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      try {
        const uncaught = once(process, 'uncaughtException');
        store.tail(() => {
          throw new Error('a listener’s defect');
        });
        store.tail((entries) => received.push(...offsetsOf(entries)));
        expect(await fresh().appendTexts('a')).deep.equal([1]);
        expect(String((await uncaught)[0])).contain('a listener’s defect');
      } finally {
        for (const other of others) process.on('uncaughtException', other);
      }
      expect(received).deep.equal([1]);
    });
  });
}
