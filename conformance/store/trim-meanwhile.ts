import { expect } from 'chai';
import { FoghornError } from '../../protocol/errors.js';
import type { Entry, Scope } from '../../server/history/store.js';
import {
  envelope,
  freshStore,
  KEEP_ALL,
  offsetsOf,
  type StoreFactory,
} from './store-under-test.js';

const KEY = { namespace: 'default', container: 'web' };
const SCOPES: (Scope | undefined)[] = [
  undefined,
  { key: KEY, lifecycleOnly: false },
  { key: KEY, lifecycleOnly: true },
  { key: { ...KEY, namespace: undefined }, lifecycleOnly: false },
];
const CALLS = 150;
const PER_CALL = 100;
const ENTRIES = 300;

export function describeTrimMeanwhile(factory: StoreFactory): void {
  describe('trim while others append and read', () => {
    const fresh = freshStore(factory);

    /** Every entry is of the container's lifecycle, and every seventh an exit. */
    async function appendAll(): Promise<void> {
      for (let call = 0; call < CALLS; call++) {
        const envelopes = Array.from({ length: PER_CALL }, (_, i) =>
          envelope(`${call}.${i}`, { key: KEY, isLifecycle: true, outlasts: i % 7 === 0 }),
        );
        const appended = await fresh().store.append(envelopes);
        expect(appended[0]?.offset).equal(call * PER_CALL + 1);
      }
    }

    it('lets a read give what is there without a hole, or say that it was trimmed', async () => {
      const { store } = fresh();
      const work = { isDone: false };
      const appended = appendAll().finally(() => (work.isDone = true));
      const trimming = (async () => {
        while (!work.isDone) await store.trim({ ...KEEP_ALL, entries: ENTRIES });
      })();
      const outcomes = { read: 0, refused: 0 };
      while (!work.isDone) {
        const { first } = await store.bounds();
        for (const scope of SCOPES) {
          // Just where the next step will cut.
          for (const after of [first - 1, first + 20, first - 2]) {
            const read = await readOrRefusal(after, scope);
            outcomes[read === undefined ? 'refused' : 'read'] += 1;
            const offsets = offsetsOf(read ?? []);
            expect(offsets).deep.equal(offsets.map((_, i) => after + 1 + i));
          }
        }
        await new Promise(setImmediate);
      }
      await Promise.all([appended, trimming]);
      expect(outcomes.read).above(0);
      expect(outcomes.refused).above(0);
    });

    /** Undefined where entries were trimmed. */
    async function readOrRefusal(
      after: number,
      scope: Scope | undefined,
    ): Promise<Entry[] | undefined> {
      try {
        return await fresh().store.read(after, { entries: 50, bytes: Infinity }, scope);
      } catch (error) {
        expect(error).instanceOf(FoghornError);
        expect((error as FoghornError).code, String(error)).equal('OUT_OF_RANGE');
        return undefined;
      }
    }

    it('has every exit among the entries or the kept ones at any moment', async () => {
      const { store } = fresh();
      await appendAll();
      const exits = offsetsOf(await fresh().readAll()).filter((offset) => outlasts(offset));
      const work = { isDone: false };
      const trimmed = fresh()
        .trim({ entries: ENTRIES })
        .finally(() => (work.isDone = true));
      let looks = 0;
      for (; !work.isDone; looks++) {
        // In this order: what leaves the one in between is in the other afterwards.
        const { first, firstStoredAt, entryBytes } = await store.bounds();
        const kept = offsetsOf(await fresh().readKept());
        expect(kept).deep.equal(exits.slice(0, kept.length));
        expect(exits[kept.length] ?? Infinity).at.least(first);
        expect(firstStoredAt).equal(fresh().now);
        expect(entryBytes).above(0);
        await new Promise(setImmediate);
      }
      await trimmed;
      expect(looks).above(0);
    });

    function outlasts(offset: number): boolean {
      return ((offset - 1) % PER_CALL) % 7 === 0;
    }

    it('lets both go on', async () => {
      const { store } = fresh();
      await appendAll();
      const done = { appends: 0, trims: 0 };
      const isEnough = (): boolean => done.appends >= 10 && done.trims >= 10;
      const append = async (): Promise<void> => {
        for (; !isEnough(); done.appends++) await fresh().appendTexts('event');
      };
      const trim = async (): Promise<void> => {
        for (; !isEnough(); done.trims++) await store.trim({ ...KEEP_ALL, entries: 1 });
      };
      await Promise.all([append(), trim(), append(), trim()]);
      const { first, last } = await store.bounds();
      expect(last).equal(CALLS * PER_CALL + done.appends);
      expect(first).above(Math.min(CALLS * PER_CALL, 10 * 500));
    });

    if (!factory.survives) return;

    it('ends with a close, and what was removed until then is all that is gone', async () => {
      await appendAll();
      const before = await fresh().readAll();
      const { store } = fresh();
      const steps = Array.from({ length: 4 }, () => store.trim({ ...KEEP_ALL, entries: 1 }));
      const results = Promise.allSettled(steps);
      await steps[0];
      await fresh().reopen();
      let removed = 0;
      for (const result of await results) {
        if (result.status === 'fulfilled') removed += result.value.removed;
        else expect((result.reason as FoghornError).code).equal('UNAVAILABLE');
      }
      const { first } = await fresh().store.bounds();
      expect(first).equal(removed + 1);
      expect(await fresh().readAll(first - 1)).deep.equal(before.slice(first - 1));
    });
  });
}
