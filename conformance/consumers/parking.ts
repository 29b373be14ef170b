import { expect } from 'chai';
import { CONSUMER_LIMITS } from '../../server/consumers/driver.js';
import type { TestFrame } from '../store/index.js';
import type { ConsumerStoreDriver } from './driver.js';
import { freshStore } from './consumers-under-test.js';

export function describeParking(frame: TestFrame, driver: ConsumerStoreDriver): void {
  const { describe, it } = frame;
  const fresh = freshStore(frame, driver);

  describe('a parked event', () => {
    it('is settled, and kept with its reason and its tries', async () => {
      await fresh().create();
      for (let attempt = 1; attempt <= CONSUMER_LIMITS.tries + 1; attempt++) {
        const lease = await fresh().lease(4, { key: 'web' });
        await fresh().settle({ ...lease, kind: 'retry', delayMs: 0, reason: `try ${attempt}` });
      }
      const lease = await fresh().lease(4, { key: 'web' });
      expect(await fresh().park(lease, 'no more')).equal('done');
      expect(await fresh().claim(4)).deep.equal({ kind: 'settled' });
      const [parked, ...others] = await fresh().store.parked('billing', 0, 10);
      expect(others).deep.equal([]);
      expect(parked).deep.include({ number: 1, key: 'web', reason: 'no more', isReplaying: false });
      expect(Buffer.from(parked!.envelope).toString()).equal('4');
      expect(parked!.cursor).equal('cursor of 4');
      expect(parked!.tries).length(CONSUMER_LIMITS.tries);
      expect(parked!.tries.at(-1)).deep.include({ reason: 'no more', attempt: lease.attempt });
      const { counts } = await fresh().snapshot();
      expect(counts).deep.include({ parked: 1, parkedBytes: 1, acknowledged: 0 });
    });

    it('has a number of its own, also beside others that are parked at once', async () => {
      await fresh().create();
      const ids = [1, 2, 3, 4];
      const leases = [];
      for (const id of ids) leases.push(await fresh().lease(id));
      // Stores write while later calls arrive.
      const parking = leases.map(async (lease, at) => {
        for (let turn = 0; turn < at; turn++) await new Promise(setImmediate);
        return fresh().park(lease);
      });
      expect(await Promise.all(parking)).deep.equal(['done', 'done', 'done', 'done']);
      const parked = await fresh().store.parked('billing', 0, 10);
      expect(parked.map(({ number }) => number)).deep.equal(ids);
      const texts = parked.map(({ envelope }) => Buffer.from(envelope).toString());
      expect(texts.sort()).deep.equal(['1', '2', '3', '4']);
    });

    it('is listed after its number, in order', async () => {
      await fresh().create();
      for (const id of [3, 1, 2, 9]) await fresh().park(await fresh().lease(id));
      const { store } = fresh();
      const numbers = async (after: number, limit: number): Promise<number[]> =>
        (await store.parked('billing', after, limit)).map(({ number }) => number);
      expect(await numbers(0, 10)).deep.equal([1, 2, 3, 4]);
      expect(await numbers(1, 2)).deep.equal([2, 3]);
    });

    it('is claimed again when it is replayed, and gone once it is acknowledged', async () => {
      await fresh().create();
      await fresh().park(await fresh().lease(1, { key: 'web' }));
      expect(await fresh().claim(-1, { key: 'web' })).deep.equal({ kind: 'settled' });
      expect(await fresh().store.replay('billing', [1, 2])).equal(1);
      expect((await fresh().snapshot()).replaying).deep.equal([{ number: 1, key: 'web' }]);
      const lease = await fresh().lease(-1, { key: 'web' });
      expect(lease.attempt).equal(1);
      expect((await fresh().claim(2, { key: 'web' })).kind).equal('blocked');
      await fresh().ack(lease);
      const { counts, replaying } = await fresh().snapshot();
      expect(counts).deep.include({ parked: 0, parkedBytes: 0, acknowledged: 1 });
      expect(replaying).deep.equal([]);
    });

    it('keeps its number when it is parked again', async () => {
      await fresh().create();
      await fresh().park(await fresh().lease(1));
      await fresh().store.replay('billing', undefined);
      await fresh().park(await fresh().lease(-1), 'again');
      const parked = await fresh().store.parked('billing', 0, 10);
      expect(parked.map(({ number, reason }) => [number, reason])).deep.equal([[1, 'again']]);
      expect(await fresh().claim(-1)).deep.equal({ kind: 'settled' });
      await fresh().park(await fresh().lease(2));
      expect((await fresh().store.parked('billing', 1, 10))[0]).deep.include({ number: 2 });
    });

    it('is removed on request, and its number is not used again', async () => {
      await fresh().create();
      for (const id of [1, 2, 3]) await fresh().park(await fresh().lease(id));
      expect(await fresh().store.discard('billing', [2, 7])).equal(1);
      expect(await fresh().store.discard('billing', undefined)).equal(2);
      expect(await fresh().store.parked('billing', 0, 10)).deep.equal([]);
      if (driver.persistent) await fresh().reopen();
      await fresh().park(await fresh().lease(4));
      expect((await fresh().store.parked('billing', 0, 10))[0]).deep.include({ number: 4 });
    });

    it('is refused when there is no space for it, and its event stays leased', async () => {
      await fresh().create();
      const big = Buffer.alloc(CONSUMER_LIMITS.parkedBytes / 2);
      const event = { cursor: 'c', envelope: big };
      const answers = [];
      for (const id of [1, 2, 3]) {
        const lease = await fresh().lease(id);
        answers.push(await fresh().settle({ ...lease, kind: 'park', reason: 'full', event }));
      }
      expect(answers).deep.equal(['done', 'done', 'full']);
      expect((await fresh().claim(3)).kind).equal('blocked');
    });
  });
}
