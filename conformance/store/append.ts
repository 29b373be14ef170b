import { expect } from 'chai';
import { crc32 } from 'node:zlib';
import type { Appended } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  envelope,
  freshStore,
  keyOf,
  mainOf,
  appendedOffsets,
  rejection,
  settingsOf,
  textsOf,
} from './store-under-test.js';

export function describeAppend(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('append', () => {
    const fresh = freshStore(frame, driver);

    it('has the declared durability and an epoch', () => {
      const { store } = fresh();
      expect(store.durability).equal(driver.durability);
      expect(store.epoch).match(/^\S{8,}$/);
    });

    it('gives every history another epoch', async () => {
      const { store } = fresh();
      const location = await driver.makeLocation();
      const other = await location.open(settingsOf(() => 0n));
      expect(other.epoch).not.equal(store.epoch);
      await other.close();
      await location.remove();
    });

    it('numbers from 1 without holes in the order of concurrent calls', async () => {
      const texts = Array.from({ length: 3000 }, (_, i) => `event ${i}`);
      const offsets = await fresh().appendTexts(...texts);
      expect(offsets).deep.equal(texts.map((_, i) => i + 1));
      expect(textsOf(await fresh().readAll())).deep.equal(texts);
    });

    it('keeps the order of calls from several iterations of the event loop', async () => {
      const { store } = fresh();
      const appended: Promise<Appended[]>[] = [];
      for (let i = 0; i < 40; i++) {
        appended.push(store.append([envelope(`event ${i}`)]));
        if (i % 3 === 0) await new Promise(setImmediate);
      }
      const offsets = (await Promise.all(appended)).flatMap(appendedOffsets);
      expect(offsets).deep.equal(Array.from({ length: 40 }, (_, i) => i + 1));
    });

    it('stores the envelopes of one call next to each other', async () => {
      const { store } = fresh();
      const calls = Array.from({ length: 50 }, (_, call) =>
        Array.from({ length: 1 + (call % 7) }, (_, i) => envelope(`${call}.${i}`)),
      );
      const appended = await Promise.all(calls.map((envelopes) => store.append(envelopes)));
      const texts = textsOf(await fresh().readAll());
      calls.forEach((envelopes, call) => {
        const offsets = appendedOffsets(appended[call]!);
        expect(offsets).deep.equal(envelopes.map((_, i) => offsets[0]! + i));
        expect(offsets.map((offset) => texts[offset - 1])).deep.equal(
          envelopes.map((_, i) => `${call}.${i}`),
        );
      });
      expect(texts).length(calls.flat().length);
    });

    it('stores a call that is larger than a usual commit', async () => {
      const { store } = fresh();
      const envelopes = Array.from({ length: 20_000 }, (_, i) => envelope(`event ${i}`));
      expect(appendedOffsets(await store.append(envelopes))).deep.equal(
        envelopes.map((_, i) => i + 1),
      );
      expect(appendedOffsets(await store.append([envelope('next')]))).deep.equal([20_001]);
      expect((await store.bounds()).last).equal(20_001);
    });

    it('stores nothing for an empty list', async () => {
      const { store } = fresh();
      const received: number[] = [];
      store.tail((entries) => received.push(entries.length));
      const answers = await Promise.all([
        store.append([]),
        store.append([envelope('a')]),
        store.append([]),
        store.append([envelope('b')]),
      ]);
      expect(answers.map(appendedOffsets)).deep.equal([[], [1], [], [2]]);
      expect(await store.append([])).deep.equal([]);
      expect((await store.bounds()).last).equal(2);
      expect(received).not.include(0);
    });

    it('fingerprints with CRC-32', async () => {
      const { store } = fresh();
      const appended = await store.append([envelope('123456789'), envelope('')]);
      const [first, empty] = await fresh().readAll();
      expect(first?.fingerprint).equal(0xcbf43926);
      expect(empty?.fingerprint).equal(crc32(''));
      expect(appended).deep.equal([
        { offset: 1, fingerprint: 0xcbf43926, duplicate: false },
        { offset: 2, fingerprint: crc32(''), duplicate: false },
      ]);
    });

    it('keeps every byte', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      await fresh().store.append([{ ...envelope(''), bytes }]);
      const [entry] = await fresh().readAll();
      expect(Buffer.from(entry!.envelope).equals(bytes)).true;
    });

    it('keeps its own copy when the caller reuses the buffer', async () => {
      const bytes = Buffer.from('before');
      await fresh().store.append([{ ...envelope(''), bytes }]);
      bytes.write('behind');
      expect(textsOf(await fresh().readAll())).deep.equal(['before']);
    });

    it('refuses a malformed key, and stores nothing of that call alone', async () => {
      const { store } = fresh();
      const tooLong = keyOf('default', 'c'.repeat(1020));
      const malformed = ['', 'a', keyOf('', 'b'), keyOf('a', ''), keyOf('a', 'b\0c'), mainOf('a')];
      const before = store.append([envelope('before')]);
      const refused = [tooLong, ...malformed].map((key) =>
        rejection(store.append([envelope('no'), envelope('no', { key })]), 'INVALID_ARGUMENT'),
      );
      const after = store.append([envelope('after')]);
      expect((await Promise.all(refused))[0]).contain('at most 1024 bytes');
      expect([...appendedOffsets(await before), ...appendedOffsets(await after)]).deep.equal([
        1, 2,
      ]);
      expect(textsOf(await fresh().readAll())).deep.equal(['before', 'after']);
    });

    it('refuses a dedupe key that is too long or empty, and stores nothing of that call', async () => {
      const { store } = fresh();
      await store.append([envelope('fits', { dedupeKey: 'k'.repeat(160) })]);
      for (const dedupeKey of ['k'.repeat(161), '']) {
        const refused = store.append([envelope('no'), envelope('no', { dedupeKey })]);
        const text = await rejection(refused, 'INVALID_ARGUMENT');
        expect(text).contain(`1 to 160 bytes, got ${dedupeKey.length}`);
      }
      expect(textsOf(await fresh().readAll())).deep.equal(['fits']);
    });
  });
}
