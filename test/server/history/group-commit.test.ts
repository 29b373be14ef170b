import { expect } from 'chai';
import { GroupCommit } from '../../../server/history/group-commit.js';

interface Item {
  readonly bytes: Uint8Array;
}

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

describe('group commit', () => {
  it('puts the calls of one event loop iteration into one commit', async () => {
    const { commit, groups } = new Recorder();
    const commits = new GroupCommit(commit);
    const calls = [[item()], [item(), item()], [], [item()]];
    const answers = await Promise.all(calls.map((items) => commits.add(items)));
    expect(answers).deep.equal([[1], [2, 3], [], [4]]);
    expect(groups).deep.equal([4]);
  });

  it('collects calls during a commit for the next one', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit);
    const first = commits.add([item()]);
    while (recorder.groups.length === 0) await new Promise(setImmediate);
    const rest = [commits.add([item()]), commits.add([item()])];
    expect(await Promise.all([first, ...rest])).deep.equal([[1], [2], [3]]);
    expect(recorder.groups).deep.equal([1, 2]);
  });

  it('ends a group at the limits, and never splits a call', async () => {
    const { commit, groups } = new Recorder();
    const commits = new GroupCommit(commit);
    const large = item(8 * 1024 * 1024);
    const many = Array.from({ length: 10_000 }, () => item());
    await Promise.all([[large, large], [item()], many, [item()]].map((call) => commits.add(call)));
    expect(groups).deep.equal([2, 10_001, 1]);
  });

  it('rejects the calls of a failed commit, and continues with the next', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit);
    recorder.failing = true;
    const failed = await Promise.allSettled([commits.add([item()]), commits.add([item()])]);
    expect(failed.map(({ status }) => status)).deep.equal(['rejected', 'rejected']);
    recorder.failing = false;
    expect(await commits.add([item()])).deep.equal([1]);
  });

  it('alternates commits and other work, one at a time', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit);
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
    const commits = new GroupCommit(new Recorder().commit);
    expect(await commits.between(() => Promise.resolve('done'))).equal('done');
    const failed = commits.between(() => Promise.reject(new Error('failed')));
    expect(await failed.catch(String)).equal('Error: failed');
    expect(await commits.add([item()])).deep.equal([1]);
  });

  it('is drained when everything added is answered, even after a failure', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit);
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
});
