import { expect } from 'chai';
import type { TestFrame } from '../store/index.js';
import type { ConsumerStoreDriver } from './driver.js';
import { codeOf, floorAt, freshStore, LONG_MS } from './consumers-under-test.js';

const RETRY = { kind: 'retry', delayMs: 0, reason: 'it failed' } as const;

export function describeLeases(frame: TestFrame, driver: ConsumerStoreDriver): void {
  const { describe, it } = frame;
  const fresh = freshStore(frame, driver);

  describe('a lease', () => {
    it('keeps an event, and others with its key, from all members', async () => {
      await fresh().create();
      await fresh().lease(1, { key: 'web' });
      for (const member of ['one', 'two']) {
        for (const id of [1, 2]) {
          const answer = await fresh().claim(id, { key: 'web', member });
          expect(answer.kind).equal('blocked');
          expect((answer as { ms: number }).ms).within(1, LONG_MS);
        }
      }
      expect((await fresh().claim(3, { key: 'db' })).kind).equal('granted');
    });

    it('ends with an acknowledgement, after which the event is settled', async () => {
      await fresh().create();
      const lease = await fresh().lease(1, { key: 'web' });
      expect(await fresh().ack(lease)).equal('done');
      expect(await fresh().claim(1, { key: 'web' })).deep.equal({ kind: 'settled' });
      expect((await fresh().claim(2, { key: 'web' })).kind).equal('granted');
      expect(await fresh().ack(lease)).equal('done');
      const { counts, settled, inFlight } = await fresh().snapshot();
      expect({ ...counts, settled, inFlight }).deep.include({ acknowledged: 1, inFlight: 1 });
      expect(settled).deep.equal([1]);
    });

    it('that has run out passes to another member, whose acknowledgement alone counts', async () => {
      await fresh().create();
      const late = await fresh().lease(1, { leaseMs: 1 });
      const current = await fresh().lease(1, { member: 'two' });
      expect(current.attempt).equal(2);
      expect(await fresh().ack(late)).equal('stale');
      expect(await fresh().extend(late)).equal(false);
      expect((await fresh().claim(1)).kind).equal('blocked');
      expect(await fresh().ack(current)).equal('done');
    });

    it('that has run out can be acknowledged and extended while nobody else has it', async () => {
      await fresh().create();
      const first = await fresh().lease(1, { leaseMs: 1 });
      const second = await fresh().lease(2, { leaseMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await fresh().ack(first)).equal('done');
      expect(await fresh().extend(second)).equal(true);
      expect((await fresh().claim(2, { member: 'two' })).kind).equal('blocked');
    });

    it('lasts when it is extended', async () => {
      await fresh().create();
      const lease = await fresh().lease(1, { leaseMs: 2000 });
      expect(await fresh().extend(lease)).equal(true);
      const answer = await fresh().claim(1, { member: 'two' });
      expect((answer as { ms: number }).ms).above(2000);
    });

    it('ends when its member comes back without it', async () => {
      await fresh().create();
      const { store, generation } = fresh();
      const kept = await fresh().lease(1);
      await fresh().lease(2);
      await store.attach('billing', generation, 'one', [kept.id]);
      expect((await fresh().claim(1, { member: 'two' })).kind).equal('blocked');
      expect((await fresh().claim(2, { member: 'two' })).kind).equal('granted');
    });

    it('is granted at most as often as allowed at a time', async () => {
      await fresh().create({ maxInFlight: 2 });
      const first = await fresh().lease(1);
      await fresh().lease(2);
      expect(await fresh().claim(3)).deep.equal({ kind: 'full' });
      await fresh().ack(first);
      expect((await fresh().claim(3)).kind).equal('granted');
    });

    it('is granted to many members in one call, and settled in one', async () => {
      await fresh().create();
      const { store, generation } = fresh();
      const claims = [1, 2, 3].map((id) => ({ id, key: `k${id}`, member: `m${id}` }));
      const answers = await store.claim('billing', generation, claims, LONG_MS);
      expect(answers).deep.equal([1, 2, 3].map(() => ({ kind: 'granted', attempt: 1 })));
      const acks = claims.map((claim) => ({ ...claim, kind: 'ack', attempt: 1 }) as const);
      const wrong = { ...acks[0]!, member: 'other' };
      const settled = await store.settle('billing', generation, [wrong, ...acks.slice(1)]);
      expect(settled).deep.equal(['stale', 'done', 'done']);
    });
  });

  describe('a failed try', () => {
    it('counts, and delays the next delivery', async () => {
      await fresh().create();
      const lease = await fresh().lease(1, { key: 'web' });
      expect(await fresh().settle({ ...lease, ...RETRY, delayMs: LONG_MS })).equal('done');
      const answer = await fresh().claim(1, { key: 'web' });
      expect(answer.kind).equal('blocked');
      expect((await fresh().snapshot()).counts.failedTries).equal(1);
    });

    it('makes the next delivery count as the second', async () => {
      await fresh().create();
      await fresh().settle({ ...(await fresh().lease(1)), ...RETRY });
      expect((await fresh().lease(1)).attempt).equal(2);
    });

    it('cannot be extended, and is settled by a late acknowledgement', async () => {
      await fresh().create();
      const lease = await fresh().lease(1);
      await fresh().settle({ ...lease, ...RETRY });
      expect(await fresh().extend(lease)).equal(false);
      expect(await fresh().ack(lease)).equal('done');
      expect(await fresh().claim(1)).deep.equal({ kind: 'settled' });
    });

    it('does not count for an event that its member never saw', async () => {
      await fresh().create();
      await fresh().settle({ ...(await fresh().lease(1)), ...RETRY });
      await fresh().settle({ ...(await fresh().lease(1)), kind: 'release' });
      expect((await fresh().lease(1, { member: 'two' })).attempt).equal(2);
      expect((await fresh().snapshot()).counts.failedTries).equal(1);
    });
  });

  describe('the floor', () => {
    it('settles all before it, and never goes back', async () => {
      await fresh().create();
      await fresh().ack(await fresh().lease(5), floorAt(5));
      await fresh().ack(await fresh().lease(6), floorAt(3));
      const { floor, settled } = await fresh().snapshot();
      expect(floor).deep.equal(floorAt(5));
      expect(settled).deep.equal([6]);
      expect(await fresh().claim(4)).deep.equal({ kind: 'settled' });
    });

    it('rises without settlements', async () => {
      await fresh().create();
      await fresh().store.settle('billing', fresh().generation, [], floorAt(9));
      expect((await fresh().snapshot()).floor).deep.equal(floorAt(9));
    });

    it('of another history is not taken', async () => {
      await fresh().create();
      const other = { ...floorAt(9), epoch: 'fedcba9876543210' };
      await fresh().store.settle('billing', fresh().generation, [], other);
      expect((await fresh().snapshot()).floor).deep.equal(floorAt(0));
    });
  });

  describe('calls about no consumer', () => {
    it('are refused', async () => {
      const { store } = fresh();
      expect(await codeOf(store.claim('none', 1, [], 1))).equal('NOT_FOUND');
      expect(await codeOf(store.settle('none', 1, []))).equal('NOT_FOUND');
      expect(await codeOf(store.extend('none', 1, [], 1))).equal('NOT_FOUND');
      expect(await codeOf(store.parked('none', 0, 1))).equal('NOT_FOUND');
      await fresh().create();
      const old = fresh().generation - 1;
      expect(await codeOf(store.claim('billing', old, [], 1))).equal('ABORTED');
    });

    it('are refused once the store is closed', async () => {
      const { store } = fresh();
      await store.close();
      expect(await codeOf(store.list())).equal('UNAVAILABLE');
      expect(await codeOf(store.claim('billing', 1, [], 1))).equal('UNAVAILABLE');
    });
  });

  if (driver.persistent) describeRestarts(frame, driver);
}

function describeRestarts(frame: TestFrame, driver: ConsumerStoreDriver): void {
  const { describe, it } = frame;
  const fresh = freshStore(frame, driver);

  describe('after a restart', () => {
    for (const way of ['reopen', 'crash'] as const) {
      const how = way === 'crash' ? 'that was killed' : 'that was closed';
      it(`no other member gets what a member of a store ${how} may still have`, async () => {
        await fresh().create();
        const { generation } = fresh();
        await fresh().store.attach('billing', generation, 'one', []);
        const lease = await fresh().lease(1);
        await fresh()[way]();
        await fresh().store.attach('billing', generation, 'two', []);
        expect((await fresh().claim(1, { member: 'two' })).kind).equal('blocked');
        await fresh().store.attach('billing', generation, 'one', [1]);
        expect(await fresh().extend(lease)).equal(true);
        expect((await fresh().claim(1, { member: 'two' })).kind).equal('blocked');
        expect(await fresh().ack(lease)).equal('done');
        expect(await fresh().claim(1)).deep.equal({ kind: 'settled' });
      });

      it(`a failed try of a store ${how} counts`, async () => {
        await fresh().create();
        await fresh().settle({ ...(await fresh().lease(1)), ...RETRY });
        await fresh()[way]();
        expect((await fresh().claim(1)).kind).equal('granted');
        expect((await fresh().snapshot()).counts.failedTries).equal(1);
      });
    }
  });
}
