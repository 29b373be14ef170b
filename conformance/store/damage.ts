import { expect } from 'chai';
import type { Damage } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  ALL,
  envelope,
  freshStore,
  keyOf,
  mainOf,
  offsetsOf,
  textsOf,
} from './store-under-test.js';

const WEB = keyOf('default', 'web');
const LASTING = { key: mainOf(WEB), retention: 'lasting' } as const;
const TEXTS = Array.from({ length: 60 }, (_, i) => `event number ${i + 1} of this history`);

function damage(from: number, to = from): Damage {
  return { kind: 'damaged', from, to };
}

/** Tests of damage, for drivers whose location can be damaged. */
export function describeDamage(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it, beforeEach } = frame;
  if (!driver.damageable) return;
  describe('damaged entries', () => {
    const fresh = freshStore(frame, driver);

    beforeEach(async () => {
      const { store } = fresh();
      for (let at = 0; at < TEXTS.length; at += 10) {
        await store.append(TEXTS.slice(at, at + 10).map((text) => envelope(text, LASTING)));
      }
    });

    it('end a read before them, and the next read reports them', async () => {
      await fresh().damage(TEXTS[24]!);
      const { store } = fresh();
      expect(textsOf(await store.read(0, ALL))).deep.equal(TEXTS.slice(0, 24));
      expect(await store.read(24, ALL)).deep.equal(damage(25));
      expect(textsOf(await store.read(25, ALL))).deep.equal(TEXTS.slice(25));
      expect(fresh().reported).deep.equal([[25, 25]]);
    });

    it('are reported together when they are next to each other', async () => {
      await fresh().damage(TEXTS[0]!, TEXTS[19]!, TEXTS[20]!, TEXTS[21]!, TEXTS[59]!);
      const { store } = fresh();
      expect(await store.read(0, ALL)).deep.equal(damage(1));
      expect(offsetsOf(await store.read(1, ALL))).deep.equal(
        TEXTS.slice(1, 19).map((_, i) => i + 2),
      );
      expect(await store.read(19, ALL)).deep.equal(damage(20, 22));
      expect(await store.read(20, { entries: 1, bytes: 1 })).deep.equal(damage(21, 22));
      expect(textsOf(await store.read(22, ALL))).deep.equal(TEXTS.slice(22, 59));
      expect(await store.read(59, ALL)).deep.equal(damage(60));
      expect(textsOf(await store.read(60, ALL))).deep.equal([]);
    });

    for (const key of [WEB, mainOf(WEB), keyOf('', 'web')]) {
      it(`are reported under the key ${JSON.stringify(key)}`, async () => {
        await fresh().damage(TEXTS[24]!);
        const { store } = fresh();
        expect(textsOf(await store.read(0, ALL, key))).deep.equal(TEXTS.slice(0, 24));
        expect(await store.read(24, ALL, key)).deep.equal(damage(25));
        expect(textsOf(await store.read(25, ALL, key))).deep.equal(TEXTS.slice(25));
      });
    }

    it('neither keep others from being appended nor their offsets from counting', async () => {
      await fresh().damage(TEXTS[59]!);
      const test = fresh();
      expect(await test.store.bounds()).include({ first: 1, last: 60 });
      expect(await test.appendTexts('next')).deep.equal([61]);
      expect(textsOf(await test.store.read(60, ALL))).deep.equal(['next']);
    });

    it('are trimmed like others, and are not kept as lasting entries', async () => {
      await fresh().damage(TEXTS[0]!, TEXTS[24]!);
      expect(await fresh().trim({ entries: 20 })).equal(40);
      const kept = TEXTS.slice(1, 40).filter((text) => text !== TEXTS[24]);
      expect(textsOf(await fresh().readLasting())).deep.equal(kept);
    });

    it('are reported among kept lasting entries', async () => {
      await fresh().trim({ entries: 20 });
      await fresh().damage(TEXTS[24]!);
      const { store } = fresh();
      for (const key of [undefined, WEB]) {
        expect(textsOf(await store.readLasting(0, ALL, key))).deep.equal(TEXTS.slice(0, 24));
        expect(await store.readLasting(24, ALL, key)).deep.equal(damage(25));
        expect(textsOf(await store.readLasting(25, ALL, key))).deep.equal(TEXTS.slice(25, 40));
      }
    });
  });
}
