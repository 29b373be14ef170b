import { expect } from 'chai';
import { crc32 } from 'node:zlib';
import type { Appended, EncodedEnvelope } from '../../server/history/store.js';
import {
  DEDUPE_WINDOW,
  envelope,
  freshStore,
  offsetsOf,
  placesOf,
  textsOf,
  type StoreFactory,
} from './store-under-test.js';

function keyed(dedupeKey: string, text = `text of ${dedupeKey}`): EncodedEnvelope {
  return envelope(text, { dedupeKey });
}

/** Envelopes without a dedupe key. */
function others(count: number): EncodedEnvelope[] {
  return Array.from({ length: count }, (_, i) => envelope(`other ${i}`));
}

export function describeDedupe(factory: StoreFactory): void {
  describe('dedupe', () => {
    const fresh = freshStore(factory);

    async function append(...envelopes: EncodedEnvelope[]): Promise<Appended[]> {
      return fresh().store.append(envelopes);
    }

    it('answers a duplicate with the place of the first one, and stores and tells it once', async () => {
      const told: number[] = [];
      fresh().store.tail((entries) => told.push(...offsetsOf(entries)));
      const [first] = await append(keyed('k'));
      expect(first).deep.equal({ offset: 1, fingerprint: crc32('text of k'), duplicate: false });
      await append(envelope('between'));
      expect(await append(keyed('k'))).deep.equal([{ ...first, duplicate: true }]);
      expect(textsOf(await fresh().readAll())).deep.equal(['text of k', 'between']);
      expect(told).deep.equal([1, 2]);
    });

    it('goes by the key alone', async () => {
      await append(keyed('k', 'one'), keyed('l', 'one'), envelope('one'), envelope('one'));
      const [again] = await append(keyed('k', 'two'));
      expect(again).deep.equal({ offset: 1, fingerprint: crc32('one'), duplicate: true });
      expect(textsOf(await fresh().readAll())).deep.equal(['one', 'one', 'one', 'one']);
    });

    it('tells keys of any bytes apart', async () => {
      const keys = [[0], [0, 0], [1], [1, 0], [255], [255, 255], [0xc3, 0xa9], [0xe9]];
      const envelopes = keys.map((key, i) => ({
        ...envelope(`event ${i}`),
        dedupeKey: Uint8Array.from(key),
      }));
      const places = placesOf(await append(...envelopes));
      expect(places).deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
      const again = await append(...envelopes);
      expect(placesOf(again)).deep.equal(places);
      expect(again.every(({ duplicate }) => duplicate)).true;
    });

    it('finds duplicates within one call, and answers all in order', async () => {
      const appended = await append(keyed('k'), keyed('l'), keyed('k'), envelope('x'), keyed('l'));
      expect(placesOf(appended)).deep.equal([1, 2, 1, 3, 2]);
      expect(appended.map(({ duplicate }) => duplicate)) //
        .deep.equal([false, false, true, false, true]);
      expect((await fresh().store.bounds()).last).equal(3);
    });

    it('finds duplicates within one call however far apart', async () => {
      const appended = await append(keyed('k'), ...others(DEDUPE_WINDOW.entries + 5), keyed('k'));
      expect(appended.at(-1)).include({ offset: 1, duplicate: true });
    });

    it('finds duplicates among concurrent calls', async () => {
      const { store } = fresh();
      const calls = Array.from({ length: 9 }, (_, i) => store.append([keyed(`k${i % 3}`)]));
      const appended = (await Promise.all(calls)).flat();
      expect(placesOf(appended)).deep.equal([1, 2, 3, 1, 2, 3, 1, 2, 3]);
      expect(appended.filter(({ duplicate }) => !duplicate)).length(3);
    });

    it('has a window of entries, also within a group of concurrent calls', async () => {
      const { store } = fresh();
      await append(keyed('k'), ...others(DEDUPE_WINDOW.entries));
      expect(placesOf(await append(keyed('k')))).deep.equal([1]);
      await append(envelope('one more'));
      expect(placesOf(await append(keyed('k')))).deep.equal([13]);
      const calls = [...others(DEDUPE_WINDOW.entries), keyed('k'), envelope('x'), keyed('k')];
      const appended = await Promise.all(calls.map((call) => store.append([call])));
      expect(placesOf(appended.flat()).slice(-3)).deep.equal([13, 24, 25]);
    });

    it('has a window of time', async () => {
      const test = fresh();
      await append(keyed('k'));
      test.now += DEDUPE_WINDOW.age;
      expect(placesOf(await append(keyed('k')))).deep.equal([1]);
      test.now += 1n;
      expect(placesOf(await append(keyed('k')))).deep.equal([2]);
      test.now += DEDUPE_WINDOW.age;
      expect(placesOf(await append(keyed('k')))).deep.equal([2]);
    });

    it('does not find again what was out of the window when the clock steps back', async () => {
      const test = fresh();
      await append(keyed('k'));
      test.now += DEDUPE_WINDOW.age + 1n;
      await append(envelope('later'));
      test.now -= DEDUPE_WINDOW.age;
      expect(placesOf(await append(keyed('k')))).deep.equal([3]);
    });

    it('does not count a duplicate as an entry, nor as the first one', async () => {
      await append(keyed('k'), ...others(DEDUPE_WINDOW.entries - 1));
      for (let i = 0; i < 5; i++) expect(placesOf(await append(keyed('k')))).deep.equal([1]);
      await append(...others(2));
      expect(placesOf(await append(keyed('k')))).deep.equal([13]);
    });

    it('goes on for many times the window', async () => {
      for (let i = 0; i < 50; i++) {
        const keys = [`a${i}`, `a${i - 1}`, `b${i}`];
        const fresh = i === 0 ? 3 : 2;
        const appended = await append(...keys.map((key) => keyed(key)));
        expect(appended.filter(({ duplicate }) => !duplicate)).length(fresh);
      }
      const again = await append(keyed('a48'), keyed('a1'), keyed('b49'));
      expect(again.map(({ duplicate }) => duplicate)).deep.equal([true, false, true]);
    });

    it('still knows what was trimmed', async () => {
      await append(keyed('k'), envelope('b'), envelope('c'));
      await fresh().trim({ entries: 1 });
      expect(await append(keyed('k'))).deep.equal([
        { offset: 1, fingerprint: crc32('text of k'), duplicate: true },
      ]);
    });

    if (!factory.survives) return;

    it('survives opening again', async () => {
      await append(keyed('k'), keyed('l'));
      await fresh().reopen();
      expect(placesOf(await append(keyed('l'), keyed('k'), keyed('m')))).deep.equal([2, 1, 3]);
    });
  });
}
