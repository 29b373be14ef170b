import { expect } from 'chai';
import { crc32 } from 'node:zlib';
import type { Appended, NewEntry } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  DEDUPE_WINDOW,
  envelope,
  freshStore,
  offsetsOf,
  appendedOffsets,
  textsOf,
} from './store-under-test.js';

function keyed(dedupeKey: string, text = `text of ${dedupeKey}`): NewEntry {
  return envelope(text, { dedupeKey });
}

/** Entries without a dedupe key. */
function others(count: number): NewEntry[] {
  return Array.from({ length: count }, (_, i) => envelope(`other ${i}`));
}

export function describeDedupe(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('dedupe', () => {
    const fresh = freshStore(frame, driver);

    async function append(...envelopes: NewEntry[]): Promise<Appended[]> {
      return fresh().store.append(envelopes);
    }

    it('answers a duplicate with the position of the original, and stores nothing', async () => {
      const received: number[] = [];
      fresh().store.tail((entries) => received.push(...offsetsOf(entries)));
      const [first] = await append(keyed('k'));
      expect(first).deep.equal({ offset: 1, fingerprint: crc32('text of k'), duplicate: false });
      await append(envelope('between'));
      expect(await append(keyed('k'))).deep.equal([{ ...first, duplicate: true }]);
      expect(textsOf(await fresh().readAll())).deep.equal(['text of k', 'between']);
      expect(received).deep.equal([1, 2]);
    });

    it('compares dedupe keys alone, not envelopes', async () => {
      await append(keyed('k', 'one'), keyed('l', 'one'), envelope('one'), envelope('one'));
      const [again] = await append(keyed('k', 'two'));
      expect(again).deep.equal({ offset: 1, fingerprint: crc32('one'), duplicate: true });
      expect(textsOf(await fresh().readAll())).deep.equal(['one', 'one', 'one', 'one']);
    });

    it('distinguishes keys of any bytes', async () => {
      const keys = [[0], [0, 0], [1], [1, 0], [255], [255, 255], [0xc3, 0xa9], [0xe9]];
      const envelopes = keys.map((key, i) => ({
        ...envelope(`event ${i}`),
        dedupeKey: Uint8Array.from(key),
      }));
      const offsets = appendedOffsets(await append(...envelopes));
      expect(offsets).deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
      const again = await append(...envelopes);
      expect(appendedOffsets(again)).deep.equal(offsets);
      expect(again.every(({ duplicate }) => duplicate)).true;
    });

    it('finds duplicates within one call', async () => {
      const appended = await append(keyed('k'), keyed('l'), keyed('k'), envelope('x'), keyed('l'));
      expect(appendedOffsets(appended)).deep.equal([1, 2, 1, 3, 2]);
      expect(appended.map(({ duplicate }) => duplicate)) //
        .deep.equal([false, false, true, false, true]);
      expect((await fresh().store.bounds()).last).equal(3);
    });

    it('finds duplicates within one call at any distance', async () => {
      const appended = await append(keyed('k'), ...others(DEDUPE_WINDOW.entries + 5), keyed('k'));
      expect(appended.at(-1)).include({ offset: 1, duplicate: true });
    });

    it('finds duplicates among concurrent calls', async () => {
      const { store } = fresh();
      const calls = Array.from({ length: 9 }, (_, i) => store.append([keyed(`k${i % 3}`)]));
      const appended = (await Promise.all(calls)).flat();
      expect(appendedOffsets(appended)).deep.equal([1, 2, 3, 1, 2, 3, 1, 2, 3]);
      expect(appended.filter(({ duplicate }) => !duplicate)).length(3);
    });

    it('forgets after a number of entries, also within concurrent calls', async () => {
      const { store } = fresh();
      await append(keyed('k'), ...others(DEDUPE_WINDOW.entries));
      expect(appendedOffsets(await append(keyed('k')))).deep.equal([1]);
      await append(envelope('one more'));
      expect(appendedOffsets(await append(keyed('k')))).deep.equal([13]);
      const calls = [...others(DEDUPE_WINDOW.entries), keyed('k'), envelope('x'), keyed('k')];
      const appended = await Promise.all(calls.map((call) => store.append([call])));
      expect(appendedOffsets(appended.flat()).slice(-3)).deep.equal([13, 24, 25]);
    });

    it('forgets after a time', async () => {
      const test = fresh();
      await append(keyed('k'));
      test.now += DEDUPE_WINDOW.age;
      expect(appendedOffsets(await append(keyed('k')))).deep.equal([1]);
      test.now += 1n;
      expect(appendedOffsets(await append(keyed('k')))).deep.equal([2]);
      test.now += DEDUPE_WINDOW.age;
      expect(appendedOffsets(await append(keyed('k')))).deep.equal([2]);
    });

    it('does not remember again when the clock steps back', async () => {
      const test = fresh();
      await append(keyed('k'));
      test.now += DEDUPE_WINDOW.age + 1n;
      await append(envelope('later'));
      test.now -= DEDUPE_WINDOW.age;
      expect(appendedOffsets(await append(keyed('k')))).deep.equal([3]);
    });

    it('does not count a duplicate as an entry or as an original', async () => {
      await append(keyed('k'), ...others(DEDUPE_WINDOW.entries - 1));
      for (let i = 0; i < 5; i++) expect(appendedOffsets(await append(keyed('k')))).deep.equal([1]);
      await append(...others(2));
      expect(appendedOffsets(await append(keyed('k')))).deep.equal([13]);
    });

    it('works for many times the window', async () => {
      for (let i = 0; i < 50; i++) {
        const keys = [`a${i}`, `a${i - 1}`, `b${i}`];
        const fresh = i === 0 ? 3 : 2;
        const appended = await append(...keys.map((key) => keyed(key)));
        expect(appended.filter(({ duplicate }) => !duplicate)).length(fresh);
      }
      const again = await append(keyed('a48'), keyed('a1'), keyed('b49'));
      expect(again.map(({ duplicate }) => duplicate)).deep.equal([true, false, true]);
    });

    it('remembers trimmed entries', async () => {
      await append(keyed('k'), envelope('b'), envelope('c'));
      await fresh().trim({ entries: 1 });
      expect(await append(keyed('k'))).deep.equal([
        { offset: 1, fingerprint: crc32('text of k'), duplicate: true },
      ]);
    });

    if (!driver.persistent) return;

    it('remembers after opening again', async () => {
      await append(keyed('k'), keyed('l'));
      await fresh().reopen();
      expect(appendedOffsets(await append(keyed('l'), keyed('k'), keyed('m')))).deep.equal([
        2, 1, 3,
      ]);
    });
  });
}
