import { expect } from 'chai';
import type { Entry, FoghornError } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  envelope,
  freshStore,
  inAnyGroup,
  KEEP_ALL,
  keyOf,
  mainOf,
  offsetsOf,
} from './store-under-test.js';

const KEY = keyOf('default', 'web');
const KEYS = [undefined, KEY, mainOf(KEY), inAnyGroup('web')];
const CALLS = 60;
const PER_CALL = 100;
const ENTRIES = 300;

export function describeTrimMeanwhile(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('trim while others append and read', () => {
    const fresh = freshStore(frame, driver);

    /** Appends main entries of one key, of which every seventh is lasting. */
    async function appendAll(): Promise<void> {
      for (let call = 0; call < CALLS; call++) {
        const envelopes = Array.from({ length: PER_CALL }, (_, i) =>
          envelope(`${call}.${i}`, {
            key: mainOf(KEY),
            retention: i % 7 === 0 ? 'lasting' : 'ordinary',
          }),
        );
        const appended = await fresh().store.append(envelopes);
        expect(appended[0]?.offset).equal(call * PER_CALL + 1);
      }
    }

    it('lets reads return entries without a hole, or report that they were trimmed', async () => {
      const { store } = fresh();
      const work = { isDone: false };
      const appended = appendAll().finally(() => (work.isDone = true));
      const trimming = (async () => {
        while (!work.isDone) await store.trim({ ...KEEP_ALL, entries: ENTRIES });
      })();
      const outcomes = { read: 0, trimmed: 0 };
      while (!work.isDone) {
        const { first } = await store.bounds();
        for (const key of KEYS) {
          // Around the offset where the next step cuts.
          for (const after of [first - 1, first + 20, first - 2]) {
            const read = await readUnlessTrimmed(after, key);
            outcomes[read === undefined ? 'trimmed' : 'read'] += 1;
            const offsets = offsetsOf(read ?? []);
            expect(offsets).deep.equal(offsets.map((_, i) => after + 1 + i));
          }
        }
        await new Promise(setImmediate);
      }
      await Promise.all([appended, trimming]);
      expect(outcomes.read).above(0);
      expect(outcomes.trimmed).above(0);
    });

    /** Returns undefined when entries were trimmed. */
    async function readUnlessTrimmed(
      after: number,
      key: string | undefined,
    ): Promise<readonly Entry[] | undefined> {
      const read = await fresh().store.read(after, { entries: 50, bytes: Infinity }, key);
      return read.kind === 'entries' ? read.entries : undefined;
    }

    it('has every lasting entry among the entries or the kept ones at any moment', async () => {
      const { store } = fresh();
      await appendAll();
      const lasting = offsetsOf(await fresh().readAll()).filter(isLasting);
      const work = { isDone: false };
      const trimmed = fresh()
        .trim({ entries: ENTRIES })
        .finally(() => (work.isDone = true));
      let looks = 0;
      for (; !work.isDone; looks++) {
        // In this order, an entry that moves between the two calls appears in the second.
        const { first, firstStoredAt, entryBytes } = await store.bounds();
        const kept = offsetsOf(await fresh().readLasting());
        expect(kept).deep.equal(lasting.slice(0, kept.length));
        expect(lasting[kept.length] ?? Infinity).at.least(first);
        expect(firstStoredAt).equal(fresh().now);
        expect(entryBytes).above(0);
        await new Promise(setImmediate);
      }
      await trimmed;
      expect(looks).above(0);
    });

    function isLasting(offset: number): boolean {
      return ((offset - 1) % PER_CALL) % 7 === 0;
    }

    it('makes progress with both', async () => {
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

    if (!driver.persistent) return;

    it('ends with a close, and removes no more than it has reported', async () => {
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
