import { expect } from 'chai';
import {
  ALL,
  envelope,
  freshStore,
  offsetsOf,
  textsOf,
  type StoreFactory,
} from './store-under-test.js';

const WEB = { namespace: 'default', container: 'web' };
const DB = { namespace: 'default', container: 'db' };

export function describeKeptExits(factory: StoreFactory): void {
  describe('kept exits', () => {
    const fresh = freshStore(factory);

    /** Appends ten entries a nanosecond after each other; 2, 5 and 8 are exits, of which 5 tells of no run. */
    async function fill(): Promise<void> {
      for (let i = 1; i <= 10; i++) {
        fresh().now += 1n;
        const outlasts = i % 3 === 2;
        const options = { key: i <= 4 ? WEB : DB, isLifecycle: outlasts && i !== 5, outlasts };
        await fresh().store.append([envelope(`event ${i}`, options)]);
      }
    }

    it('are what is left of the entries that were trimmed, in order and with holes', async () => {
      await fill();
      expect(await fresh().readKept()).deep.equal([]);
      const before = await fresh().readAll();
      await fresh().trim({ entries: 2 });
      const kept = await fresh().readKept();
      expect(offsetsOf(kept)).deep.equal([2, 5, 8]);
      kept.forEach((exit) => expect(exit).deep.include(before[exit.offset - 1]!));
      expect(textsOf(kept)).deep.equal(['event 2', 'event 5', 'event 8']);
      expect((await fresh().store.bounds()).keptExits).equal(3);
    });

    it('are none while their entries are still there', async () => {
      await fill();
      await fresh().trim({ entries: 6 });
      expect(offsetsOf(await fresh().readKept())).deep.equal([2]);
      expect(await fresh().store.bounds()).include({ first: 5, keptExits: 1 });
      expect(offsetsOf(await fresh().readAll(4))).deep.equal([5, 6, 7, 8, 9, 10]);
      await fresh().trim({ entries: 5 });
      expect(offsetsOf(await fresh().readKept())).deep.equal([2, 5]);
    });

    it('are read after an offset and up to the limits', async () => {
      const { store } = fresh();
      await fill();
      await fresh().trim({ entries: 1 });
      const size = envelope('event 2', { key: WEB, isLifecycle: true, outlasts: true }).bytes
        .length;
      const read = async (after: number, entries: number, bytes: number) =>
        offsetsOf(await store.readKeptExits(after, { entries, bytes }));
      expect(await read(2, 10, 10_000)).deep.equal([5, 8]);
      expect(await read(4, 10, 10_000)).deep.equal([5, 8]);
      expect(await read(8, 10, 10_000)).deep.equal([]);
      expect(await read(99, 10, 10_000)).deep.equal([]);
      expect(await read(0, 2, 10_000)).deep.equal([2, 5]);
      expect(await read(0, 10, size)).deep.equal([2]);
      expect(await read(0, 10, size + 1)).deep.equal([2, 5]);
    });

    it('are read by container, and of the lifecycle only', async () => {
      const { store } = fresh();
      await fill();
      await fresh().trim({ entries: 1 });
      const read = async (key: typeof WEB, lifecycleOnly: boolean, after = 0, entries = 10) =>
        offsetsOf(await store.readKeptExits(after, { ...ALL, entries }, { key, lifecycleOnly }));
      expect(await read(WEB, false)).deep.equal([2]);
      expect(await read(DB, false)).deep.equal([5, 8]);
      expect(await read(DB, true)).deep.equal([8]);
      expect(await read(DB, false, 5)).deep.equal([8]);
      expect(await read(DB, false, 0, 1)).deep.equal([5]);
      expect(await read({ ...DB, container: 'nobody' }, false)).deep.equal([]);
    });

    it('keep their container known', async () => {
      await fill();
      await fresh().trim({ entries: 1 });
      expect(await fresh().keysOf('default')).have.deep.members([WEB, DB]);
      await fresh().trim({ entries: 1, exitsAge: 5n });
      expect(await fresh().keysOf('default')).deep.equal([DB]);
    });

    it('go when they are over their own age, and no earlier', async () => {
      await fill();
      const test = fresh();
      expect(await test.trim({ age: 3n, exitsAge: 8n })).equal(6);
      expect(offsetsOf(await test.readKept())).deep.equal([2, 5]);
      expect(await test.trim({ age: 3n, exitsAge: 7n })).equal(1);
      expect(offsetsOf(await test.readKept())).deep.equal([5]);
      test.now += 2n;
      expect(await test.trim({ exitsAge: 7n })).equal(0);
      test.now += 1n;
      expect(await test.trim({ exitsAge: 7n })).equal(1);
      expect(await test.readKept()).deep.equal([]);
      expect((await test.store.bounds()).keptExits).equal(0);
    });

    it('are counted twice when they go with their entries: once as these, once for good', async () => {
      await fill();
      fresh().now += 1000n;
      expect(await fresh().trim({ age: 100n, exitsAge: 100n })).equal(9 + 3);
      expect(await fresh().readKept()).deep.equal([]);
      expect(await fresh().keysOf('default')).deep.equal([DB]);
    });

    it('need no container', async () => {
      await fresh().store.append([envelope('a', { outlasts: true }), envelope('b')]);
      await fresh().trim({ entries: 1 });
      expect(textsOf(await fresh().readKept())).deep.equal(['a']);
      fresh().now += 10n;
      await fresh().trim({ exitsAge: 9n });
      expect(await fresh().readKept()).deep.equal([]);
    });

    it('outlast any number of other entries', async () => {
      const { store } = fresh();
      const noise = Array.from({ length: 1000 }, () => envelope('noise', { key: DB }));
      for (let i = 0; i < 10; i++) {
        await store.append([
          envelope(`exit ${i}`, { key: WEB, isLifecycle: true, outlasts: true }),
        ]);
        await store.append(noise);
        await fresh().trim({ entries: 100 });
      }
      const scope = { key: WEB, lifecycleOnly: true };
      expect(offsetsOf(await fresh().readKept(0, scope))) //
        .deep.equal(Array.from({ length: 10 }, (_, i) => 1001 * i + 1));
    });

    it('go in steps, too', async () => {
      const { store } = fresh();
      const exits = Array.from({ length: 5000 }, () =>
        envelope('exit', { key: WEB, isLifecycle: true, outlasts: true }),
      );
      await store.append([...exits, envelope('last')]);
      await fresh().trim({ entries: 1 });
      expect((await store.bounds()).keptExits).equal(5000);
      fresh().now += 10n;
      const retention = { age: undefined, bytes: undefined, entries: 1, exitsAge: 9n };
      const step = await store.trim(retention);
      expect(step.removed).within(1, 4000);
      expect(step.done).false;
      expect((await store.bounds()).keptExits).equal(5000 - step.removed);
      expect(offsetsOf(await fresh().readKept())[0]).equal(step.removed + 1);
      expect(await fresh().trim(retention)).equal(5000 - step.removed);
      expect(await fresh().keysOf('default')).deep.equal([]);
    });
  });
}
