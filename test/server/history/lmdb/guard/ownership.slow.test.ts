import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import {
  envelope,
  offsetsOf,
  appendedOffsets,
  rejection,
} from '../../../../../conformance/store/store-under-test.js';
import { freshDirectory, openIn } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';

const ROUNDS = 5;

describe('lmdb store: one owner at a time', () => {
  const directory = freshDirectory();
  const processes: StoreProcess[] = [];

  async function start(): Promise<StoreProcess> {
    const process = await StoreProcess.start();
    processes.push(process);
    return process;
  }

  /** Opens the store in all processes at once; exactly one must succeed. */
  async function race(rivals: readonly StoreProcess[]): Promise<{ won: number; value: string }> {
    const results = await Promise.allSettled(
      rivals.map((rival) => rival.call('open', directory())),
    );
    const won = results.findIndex(({ status }) => status === 'fulfilled');
    const reasons = results.flatMap((result) =>
      result.status === 'rejected' ? [String(result.reason)] : [],
    );
    expect(reasons, reasons.join('\n')).length(rivals.length - 1);
    for (const reason of reasons) expect(reason).contain('in use by another broker');
    return { won, value: (results[won] as PromiseFulfilledResult<string>).value };
  }

  afterEach(async () => {
    await Promise.all(processes.splice(0).map((process) => process.kill()));
  });

  it('refuses a second store in the same process without disturbing the first', async () => {
    const store = await openIn(directory());
    await store.append([envelope('before')]);
    for (let i = 0; i < 3; i++) {
      const text = await rejection(openIn(directory()), 'FAILED_PRECONDITION');
      expect(text).contain(directory()).contain('in use by another broker: stop it first');
    }
    expect(appendedOffsets(await store.append([envelope('after')]))).deep.equal([2]);
    const read = await store.read(0, { entries: 10, bytes: 1000 });
    expect(offsetsOf(read)).deep.equal([1, 2]);
    await store.close();
    const next = await openIn(directory());
    expect((await next.bounds()).last).equal(2);
    await next.close();
  });

  it('refuses another process without disturbing the first', async () => {
    const store = await openIn(directory());
    await store.append([envelope('before')]);
    const other = await start();
    await rejection(other.call('open', directory()), 'FAILED_PRECONDITION');
    expect(appendedOffsets(await store.append([envelope('after')]))).deep.equal([2]);
    const { epoch } = store;
    await store.close();
    expect(await other.call('open', directory())).equal(epoch);
    expect(await other.call('read', 0, 10)).deep.equal(['before', 'after']);
    await rejection(openIn(directory()), 'FAILED_PRECONDITION');
  });

  it('refuses another process while the owner is appending', async () => {
    const owner = await start();
    const other = await start();
    await owner.call('open', directory());
    const publishing = owner
      .call('appendForever', Array<number>(20).fill(0))
      .catch(() => undefined);
    for (let i = 0; i < 20; i++) {
      const text = await rejection(other.call('open', directory()), 'FAILED_PRECONDITION');
      expect(text).contain('in use by another broker');
    }
    expect(owner.acknowledged.length).above(0);
    await owner.kill();
    await publishing;
  });

  it('opens right after the owner was killed, and removes its socket', async () => {
    const owner = await start();
    await owner.call('open', directory());
    await owner.call('append', 'acknowledged');
    await owner.kill();
    const store = await openIn(directory());
    expect((await store.bounds()).last).equal(1);
    const sockets = (await readdir(directory())).filter((name) => name.endsWith('.sock'));
    expect(sockets).length(1);
    await store.close();
    const left = ['FOGHORN', 'data.mdb', 'journal-0', 'journal-1', 'journal-seal', 'lock.mdb'];
    expect((await readdir(directory())).sort()).deep.equal(left);
  });

  it('lets exactly one of many take over from a dead owner', async () => {
    let owner = await start();
    const epoch = await owner.call('open', directory());
    for (let round = 0; round < ROUNDS; round++) {
      const rivals = await Promise.all([start(), start()]);
      // The first call fails; it makes both load their modules before the race.
      for (const rival of rivals) {
        await rejection(rival.call('open', directory()), 'FAILED_PRECONDITION');
      }
      await owner.kill();
      const { won, value } = await race(rivals);
      expect(value).equal(epoch);
      owner = rivals[won]!;
      expect(await owner.call('append', `round ${round}`)).equal(round + 1);
      await rivals[1 - won]!.kill();
    }
  });

  it('gives a new history one epoch when two processes create it at once', async () => {
    const rivals = await Promise.all([start(), start()]);
    const { won, value } = await race(rivals);
    await rivals[won]!.call('close');
    const store = await openIn(directory());
    expect(value).equal(store.epoch);
    await store.close();
  });
});
