import { expect } from 'chai';
import { GroupCommit, OutOfTurnError } from '../../../server/history/group-commit.js';

interface Item {
  readonly bytes: Uint8Array;
}

const LIMITS = { items: 8192, bytes: 8 * 1024 * 1024, concurrent: 1 };

const item = (size = 1): Item => ({ bytes: new Uint8Array(size) });

/** A commit that records group sizes, answers with numbers from 1, and can be made to fail. */
class Recorder {
  readonly groups: number[] = [];
  failing = false;
  #next = 1;
  #running = false;

  readonly commit = async (calls: readonly (readonly Item[])[]): Promise<number[][]> => {
    this.groups.push(calls.flat().length);
    await this.alone();
    if (this.failing) throw new Error('no room');
    return calls.map((items) => items.map(() => this.#next++));
  };

  /** Blocks for an iteration of the event loop. */
  readonly alone = async (): Promise<void> => {
    expect(this.#running, 'two at once').false;
    this.#running = true;
    await new Promise(setImmediate);
    this.#running = false;
  };
}

/** Commits that end when the test says so. */
class HeldCommits {
  readonly groups: number[][] = [];
  readonly #held: { resolve: (answers: number[][]) => void; reject: (error: Error) => void }[] = [];

  readonly commit = (calls: readonly (readonly Item[])[]): Promise<number[][]> => {
    this.groups.push(calls.flat().map(({ bytes }) => bytes.length));
    return new Promise((resolve, reject) => this.#held.push({ resolve, reject }));
  };

  /** Ends the oldest commit that is under way with the sizes of its items as answers. */
  async end(failure?: Error): Promise<void> {
    const { resolve, reject } = this.#held.shift()!;
    const group = this.groups.at(-1 - this.#held.length)!;
    if (failure === undefined) resolve(group.map((size) => [size]));
    else reject(failure);
    await iteration();
  }
}

const iteration = (): Promise<void> => new Promise(setImmediate);

describe('group commit', () => {
  it('puts the calls of one event loop iteration into one commit', async () => {
    const { commit, groups } = new Recorder();
    const commits = new GroupCommit(commit, LIMITS);
    const calls = [[item()], [item(), item()], [], [item()]];
    const answers = await Promise.all(calls.map((items) => commits.add(items)));
    expect(answers).deep.equal([[1], [2, 3], [], [4]]);
    expect(groups).deep.equal([4]);
  });

  it('collects calls during a commit for the next one', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit, LIMITS);
    const first = commits.add([item()]);
    while (recorder.groups.length === 0) await new Promise(setImmediate);
    const rest = [commits.add([item()]), commits.add([item()])];
    expect(await Promise.all([first, ...rest])).deep.equal([[1], [2], [3]]);
    expect(recorder.groups).deep.equal([1, 2]);
  });

  it('ends a group at the limits, and never splits a call', async () => {
    const { commit, groups } = new Recorder();
    const commits = new GroupCommit(commit, LIMITS);
    const large = item(8 * 1024 * 1024);
    const many = Array.from({ length: 10_000 }, () => item());
    await Promise.all([[large, large], [item()], many, [item()]].map((call) => commits.add(call)));
    expect(groups).deep.equal([2, 10_001, 1]);
  });

  it('rejects the calls of a failed commit, and continues with the next', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit, LIMITS);
    recorder.failing = true;
    const failed = await Promise.allSettled([commits.add([item()]), commits.add([item()])]);
    expect(failed.map(({ status }) => status)).deep.equal(['rejected', 'rejected']);
    recorder.failing = false;
    expect(await commits.add([item()])).deep.equal([1]);
  });

  it('alternates commits and other work, one at a time', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit, LIMITS);
    const order: string[] = [];
    const work = (name: string): Promise<unknown> =>
      commits.between(async () => {
        await recorder.alone();
        order.push(name);
      });
    const large = item(8 * 1024 * 1024);
    const add = (name: string): Promise<unknown> =>
      commits.add([large]).then(() => order.push(name));
    await Promise.all([work('w1'), work('w2'), work('w3'), add('c1'), add('c2'), add('c3')]);
    expect(order).deep.equal(['c1', 'w1', 'c2', 'w2', 'c3', 'w3']);
  });

  it('resolves or rejects as the work does', async () => {
    const commits = new GroupCommit(new Recorder().commit, LIMITS);
    expect(await commits.between(() => Promise.resolve('done'))).equal('done');
    const failed = commits.between(() => Promise.reject(new Error('failed')));
    expect(await failed.catch(String)).equal('Error: failed');
    expect(await commits.add([item()])).deep.equal([1]);
  });

  it('is drained when everything added is answered, even after a failure', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit, LIMITS);
    await commits.drained();
    recorder.failing = true;
    const answers: string[] = [];
    for (let i = 0; i < 3; i++) {
      commits.add([item(9 * 1024 * 1024)]).catch((error: unknown) => answers.push(String(error)));
    }
    void commits.between(() => Promise.resolve(answers.push('between')));
    await commits.drained();
    expect(answers).length(4);
  });

  describe('with two commits at a time', () => {
    let held: HeldCommits;
    let commits: GroupCommit<Item, number>;
    beforeEach(() => {
      held = new HeldCommits();
      commits = new GroupCommit(held.commit, { ...LIMITS, concurrent: 2 });
    });
    const add = async (...sizes: number[]): Promise<PromiseSettledResult<number[]>[]> => {
      const added = sizes.map((size) => commits.add([item(size)]));
      const settled = Promise.allSettled(added);
      await iteration();
      return settled;
    };
    const sizes = async (settled: Promise<PromiseSettledResult<number[]>[]>): Promise<unknown[]> =>
      (await settled).map((each) => (each.status === 'fulfilled' ? each.value[0] : 'rejected'));

    it('begins a commit beside another, with at least as many calls, and no third', async () => {
      const first = add(1, 2);
      await iteration();
      const second = add(3);
      await iteration();
      expect(held.groups).deep.equal([[1, 2]]);
      const third = add(4);
      await iteration();
      const fourth = add(5, 6, 7, 8);
      await iteration();
      expect(held.groups).deep.equal([
        [1, 2],
        [3, 4],
      ]);
      await held.end();
      expect(held.groups.at(-1)).deep.equal([5, 6, 7, 8]);
      await held.end();
      await held.end();
      expect(await Promise.all([first, second, third, fourth].map(sizes))).deep.equal([
        [1, 2],
        [3],
        [4],
        [5, 6, 7, 8],
      ]);
    });

    it('does a commit again that is out of turn, before later calls', async () => {
      const first = add(1);
      await iteration();
      const second = add(2);
      await iteration();
      const third = add(3);
      await iteration();
      await held.end(new Error('no room'));
      expect(held.groups).deep.equal([[1], [2]]);
      await held.end(new OutOfTurnError());
      expect(held.groups).deep.equal([[1], [2], [2, 3]]);
      await held.end();
      expect(await Promise.all([first, second, third].map(sizes))).deep.equal([
        ['rejected'],
        [2],
        [3],
      ]);
      await commits.drained();
    });

    it('begins no commit without calls before other work', async () => {
      await commits.between(() => Promise.resolve());
      await commits.between(() => Promise.resolve());
      expect(held.groups).deep.equal([]);
    });

    it('does other work while no commit is under way', async () => {
      void add(1);
      await iteration();
      void add(2);
      await iteration();
      let isDone = false;
      const done = commits.between(() => {
        isDone = true;
        return Promise.resolve();
      });
      void add(3);
      await iteration();
      await held.end();
      expect(isDone).false;
      await held.end();
      await done;
      await iteration();
      expect(held.groups.at(-1)).deep.equal([3]);
      await held.end();
      await commits.drained();
    });
  });
});
