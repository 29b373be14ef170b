import { expect } from 'chai';
import type { TestFrame } from '../store/index.js';
import type { ConsumerStoreDriver } from './driver.js';
import { codeOf, floorAt, freshStore, SETTINGS } from './consumers-under-test.js';

const GAP = { reason: 'trimmed', from: 'a', to: 'b', lostAtMost: 3, time: 1 };

export function describeDefinitions(frame: TestFrame, driver: ConsumerStoreDriver): void {
  const { describe, it } = frame;
  const fresh = freshStore(frame, driver);

  describe('consumers', () => {
    it('are listed and found once they are created, and not after they are removed', async () => {
      const { store } = fresh();
      expect(await store.list()).deep.equal([]);
      expect(await store.get('billing')).equal(undefined);
      await fresh().create();
      const snapshot = await fresh().snapshot();
      expect(snapshot).deep.include({ name: 'billing', owner: 'ann', paused: '', inFlight: 0 });
      expect(snapshot.settings).deep.equal(SETTINGS);
      expect(snapshot.floor).deep.equal(floorAt(0));
      expect((await store.list()).map(({ name }) => name)).deep.equal(['billing']);
      await store.remove('billing');
      expect(await store.list()).deep.equal([]);
      expect(await codeOf(store.remove('billing'))).equal('NOT_FOUND');
    });

    it('have names of their own', async () => {
      await fresh().create();
      expect(await codeOf(fresh().create())).equal('ALREADY_EXISTS');
    });

    it('hold history from their floor on if their settings say so', async () => {
      const { store } = fresh();
      await fresh().create();
      expect(await store.holds()).deep.equal([]);
      await store.update('billing', { settings: { ...SETTINGS, holdBytes: 7000 } });
      const floor = floorAt(5);
      await store.settle('billing', fresh().generation, [], floor);
      expect(await store.holds()).deep.equal([{ name: 'billing', bytes: 7000, floor }]);
      await store.update('billing', { settings: SETTINGS });
      expect(await store.holds()).deep.equal([]);
    });

    it('change their settings and pause without a new generation', async () => {
      const { store } = fresh();
      await fresh().create();
      const { generation } = fresh();
      const settings = { ...SETTINGS, maxInFlight: 7 };
      const changed = await store.update('billing', { settings });
      expect(changed).deep.include({ settings, paused: '', generation });
      const paused = await store.update('billing', { paused: 'by ann' });
      expect(paused).deep.include({ settings, paused: 'by ann', generation });
      expect(await codeOf(store.update('other', {}))).equal('NOT_FOUND');
    });

    it('forget leases, settled events and tries with a reset, and keep what is parked', async () => {
      const { store } = fresh();
      await fresh().create();
      await fresh().ack(await fresh().lease(1));
      await fresh().park(await fresh().lease(2));
      const lease = await fresh().lease(3);
      const before = fresh().generation;
      const after = await store.reset('billing', floorAt(0), GAP);
      expect(after.generation).above(before);
      expect(after.counts).deep.include({ parked: 1, gaps: 1, lostAtMost: 3 });
      expect(after.lastGap).deep.equal(GAP);
      expect(await codeOf(fresh().ack(lease))).equal('ABORTED');
      fresh().generation = after.generation;
      for (const id of [1, 2, 3]) {
        expect(await fresh().claim(id)).deep.equal({ kind: 'granted', attempt: 1 });
      }
    });

    it('are not changed by settlements of before a reset that arrive while it is stored', async () => {
      await fresh().create();
      const lease = await fresh().lease(7);
      const { store, generation } = fresh();
      const reset = store.reset('billing', floorAt(0));
      for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
      const late = codeOf(
        store.settle('billing', generation, [{ ...lease, kind: 'ack' }], floorAt(50)),
      );
      await reset;
      expect(await late).equal('ABORTED');
      const { floor, settled } = await fresh().snapshot();
      expect([floor.offset, settled]).deep.equal([0, []]);
    });

    it('record gaps, and skip the lost entries', async () => {
      await fresh().create();
      const { store, generation } = fresh();
      await store.recordGap('billing', generation, GAP, floorAt(3));
      await store.recordGap('billing', generation, { ...GAP, lostAtMost: 0 });
      expect((await fresh().snapshot()).counts).deep.include({ gaps: 2, lostAtMost: 3 });
      expect(await fresh().claim(3)).deep.equal({ kind: 'settled' });
    });

    if (!driver.persistent) return;

    for (const way of ['reopen', 'crash'] as const) {
      it(`are the same after ${way === 'crash' ? 'a crash' : 'the store was closed'}`, async () => {
        await fresh().create();
        await fresh().store.create({
          ...{ name: 'ünï', owner: '', floor: floorAt(2) },
          settings: { ...SETTINGS, maxInFlight: 3 },
        });
        await fresh().store.update('ünï', { paused: 'a\nb' });
        await fresh().ack(await fresh().lease(1));
        await fresh().ack(await fresh().lease(5), floorAt(1));
        await fresh().settle({
          ...(await fresh().lease(7)),
          ...{ kind: 'retry', delayMs: 0, reason: 'no' },
        });
        await fresh().park(await fresh().lease(9));
        await fresh().store.replay('billing', undefined);
        const before = [...(await fresh().store.list())].sort(byName);
        await fresh()[way]();
        const after = [...(await fresh().store.list())].sort(byName);
        expect(after).deep.equal(before);
      });
    }
  });
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
