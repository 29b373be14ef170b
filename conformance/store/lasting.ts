import { expect } from 'chai';
import { ENTRY_OVERHEAD } from '../../server/history/driver.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import {
  ALL,
  envelope,
  freshStore,
  KEEP_ALL,
  keyOf,
  mainOf,
  offsetsOf,
  textsOf,
} from './store-under-test.js';

const WEB = keyOf('default', 'web');
const DB = keyOf('default', 'db');
const LASTING = { key: mainOf(WEB), retention: 'lasting' } as const;

export function describeLasting(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('lasting entries', () => {
    const fresh = freshStore(frame, driver);

    /** Appends ten entries, one each nanosecond. 2, 5 and 8 are lasting; 2 and 8 are main ones. */
    async function fill(): Promise<void> {
      for (let i = 1; i <= 10; i++) {
        fresh().now += 1n;
        const isLasting = i % 3 === 2;
        const key = i <= 4 ? WEB : DB;
        const options = {
          key: isLasting && i !== 5 ? mainOf(key) : key,
          retention: isLasting ? 'lasting' : 'ordinary',
        } as const;
        await fresh().store.append([envelope(`event ${i}`, options)]);
      }
    }

    it('remain when the entries around them are trimmed', async () => {
      await fill();
      expect(await fresh().readLasting()).deep.equal([]);
      const before = await fresh().readAll();
      await fresh().trim({ entries: 2 });
      const kept = await fresh().readLasting();
      expect(offsetsOf(kept)).deep.equal([2, 5, 8]);
      kept.forEach((entry) => expect(entry).deep.include(before[entry.offset - 1]!));
      expect(textsOf(kept)).deep.equal(['event 2', 'event 5', 'event 8']);
      expect((await fresh().store.bounds()).lastingEntries).equal(3);
    });

    it('are not kept apart before they are trimmed', async () => {
      await fill();
      await fresh().trim({ entries: 6 });
      expect(offsetsOf(await fresh().readLasting())).deep.equal([2]);
      expect(await fresh().store.bounds()).include({ first: 5, lastingEntries: 1 });
      expect(offsetsOf(await fresh().readAll(4))).deep.equal([5, 6, 7, 8, 9, 10]);
      await fresh().trim({ entries: 5 });
      expect(offsetsOf(await fresh().readLasting())).deep.equal([2, 5]);
    });

    it('are read after an offset and up to the limits', async () => {
      const { store } = fresh();
      await fill();
      await fresh().trim({ entries: 1 });
      const size = envelope('event 2', LASTING).bytes.length;
      const read = async (after: number, entries: number, bytes: number) =>
        offsetsOf(await store.readLasting(after, { entries, bytes }));
      expect(await read(2, 10, 10_000)).deep.equal([5, 8]);
      expect(await read(4, 10, 10_000)).deep.equal([5, 8]);
      expect(await read(8, 10, 10_000)).deep.equal([]);
      expect(await read(99, 10, 10_000)).deep.equal([]);
      expect(await read(0, 2, 10_000)).deep.equal([2, 5]);
      expect(await read(0, 10, size)).deep.equal([2]);
      expect(await read(0, 10, size + 1)).deep.equal([2, 5]);
    });

    it('are read by key', async () => {
      const { store } = fresh();
      await fill();
      await fresh().trim({ entries: 1 });
      const read = async (key: string, after = 0, entries = 10) =>
        offsetsOf(await store.readLasting(after, { ...ALL, entries }, key));
      expect(await read(WEB)).deep.equal([2]);
      expect(await read(DB)).deep.equal([5, 8]);
      expect(await read(mainOf(DB))).deep.equal([8]);
      expect(await read(DB, 5)).deep.equal([8]);
      expect(await read(DB, 0, 1)).deep.equal([5]);
      expect(await read(keyOf('default', 'unknown'))).deep.equal([]);
    });

    it('keep their key listed', async () => {
      await fill();
      await fresh().trim({ entries: 1 });
      expect(await fresh().keysWith('default\0')).have.deep.members([WEB, DB]);
      await fresh().trim({ entries: 1, lastingAge: 5n });
      expect(await fresh().keysWith('default\0')).deep.equal([DB]);
    });

    it('are removed at their own age limit, and no earlier', async () => {
      await fill();
      const test = fresh();
      expect(await test.trim({ age: 3n, lastingAge: 8n })).equal(6);
      expect(offsetsOf(await test.readLasting())).deep.equal([2, 5]);
      expect(await test.trim({ age: 3n, lastingAge: 7n })).equal(1);
      expect(offsetsOf(await test.readLasting())).deep.equal([5]);
      test.now += 2n;
      expect(await test.trim({ lastingAge: 7n })).equal(0);
      test.now += 1n;
      expect(await test.trim({ lastingAge: 7n })).equal(1);
      expect(await test.readLasting()).deep.equal([]);
      expect((await test.store.bounds()).lastingEntries).equal(0);
    });

    it('are removed up to their own limit of bytes, oldest first', async () => {
      await fill();
      const test = fresh();
      const size = envelope('event 2', LASTING).bytes.length + ENTRY_OVERHEAD;
      expect(await test.trim({ entries: 1, lastingBytes: 3 * size })).equal(9);
      expect(offsetsOf(await test.readLasting())).deep.equal([2, 5, 8]);
      expect(await test.trim({ lastingBytes: 2 * size })).equal(1);
      expect(offsetsOf(await test.readLasting())).deep.equal([5, 8]);
      expect(await test.trim({ lastingBytes: 2 * size - 10 })).equal(1);
      expect(offsetsOf(await test.readLasting())).deep.equal([8]);
      expect(await test.keysWith('default\0')).deep.equal([DB]);
      expect(await test.trim({ lastingBytes: 0 })).equal(1);
      expect((await test.store.bounds()).lastingEntries).equal(0);
    });

    it('are within their limit of bytes whatever is trimmed', async () => {
      const { store } = fresh();
      const exits = Array.from({ length: 3000 }, (_, i) => envelope(`${i}`.padEnd(900), LASTING));
      await store.append([...exits, envelope('last')]);
      await fresh().trim({ entries: 1, lastingBytes: 100_000 });
      const kept = await fresh().readLasting();
      expect(kept).length.within(50, 100);
      expect(kept.at(-1)?.offset).equal(3000);
    });

    it('count twice as removed when both limits take them: as entries, and for good', async () => {
      await fill();
      fresh().now += 1000n;
      expect(await fresh().trim({ age: 100n, lastingAge: 100n })).equal(9 + 3);
      expect(await fresh().readLasting()).deep.equal([]);
      expect(await fresh().keysWith('default\0')).deep.equal([DB]);
    });

    it('need no key', async () => {
      await fresh().store.append([envelope('a', { retention: 'lasting' }), envelope('b')]);
      await fresh().trim({ entries: 1 });
      expect(textsOf(await fresh().readLasting())).deep.equal(['a']);
      fresh().now += 10n;
      await fresh().trim({ lastingAge: 9n });
      expect(await fresh().readLasting()).deep.equal([]);
    });

    it('outlast any number of other entries', async () => {
      const { store } = fresh();
      const noise = Array.from({ length: 1000 }, () => envelope('noise', { key: DB }));
      for (let i = 0; i < 10; i++) {
        await store.append([envelope(`exit ${i}`, LASTING)]);
        await store.append(noise);
        await fresh().trim({ entries: 100 });
      }
      expect(offsetsOf(await fresh().readLasting(0, mainOf(WEB)))) //
        .deep.equal(Array.from({ length: 10 }, (_, i) => 1001 * i + 1));
    });

    it('are removed in steps', async () => {
      const { store } = fresh();
      const exits = Array.from({ length: 5000 }, () => envelope('exit', LASTING));
      await store.append([...exits, envelope('last')]);
      await fresh().trim({ entries: 1 });
      expect((await store.bounds()).lastingEntries).equal(5000);
      fresh().now += 10n;
      const retention = { ...KEEP_ALL, entries: 1, lastingAge: 9n };
      const step = await store.trim(retention);
      expect(step.removed).within(1, 4000);
      expect(step.done).false;
      expect((await store.bounds()).lastingEntries).equal(5000 - step.removed);
      expect(offsetsOf(await fresh().readLasting())[0]).equal(step.removed + 1);
      expect(await fresh().trim(retention)).equal(5000 - step.removed);
      expect(await fresh().keysWith('default\0')).deep.equal([]);
    });
  });
}
