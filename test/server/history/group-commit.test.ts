import { expect } from 'chai';
import { GroupCommit } from '../../../server/history/group-commit.js';

interface Item {
  readonly bytes: Uint8Array;
}

const item = (size = 1): Item => ({ bytes: new Uint8Array(size) });

/** A commit that records its groups' sizes, and fails when told to. */
class Recorder {
  readonly groups: number[] = [];
  failing = false;
  #next = 1;
  #running = false;

  readonly commit = async (items: readonly Item[]): Promise<number> => {
    expect(this.#running, 'two commits at once').false;
    this.#running = true;
    this.groups.push(items.length);
    await new Promise(setImmediate);
    this.#running = false;
    if (this.failing) throw new Error('no room');
    const first = this.#next;
    this.#next += items.length;
    return first;
  };
}

describe('group commit', () => {
  it('puts the calls of one turn into one commit', async () => {
    const { commit, groups } = new Recorder();
    const commits = new GroupCommit(commit);
    const calls = [[item()], [item(), item()], [], [item()]];
    const firsts = await Promise.all(calls.map((items) => commits.add(items)));
    expect(firsts).deep.equal([1, 2, 4, 4]);
    expect(groups).deep.equal([4]);
  });

  it('collects what comes during a commit for the next one', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit);
    const first = commits.add([item()]);
    while (recorder.groups.length === 0) await new Promise(setImmediate);
    const rest = [commits.add([item()]), commits.add([item()])];
    expect(await Promise.all([first, ...rest])).deep.equal([1, 2, 3]);
    expect(recorder.groups).deep.equal([1, 2]);
  });

  it('ends a group that has enough items or bytes, and never parts a call', async () => {
    const { commit, groups } = new Recorder();
    const commits = new GroupCommit(commit);
    const large = item(8 * 1024 * 1024);
    const many = Array.from({ length: 10_000 }, () => item());
    await Promise.all([[large, large], [item()], many, [item()]].map((call) => commits.add(call)));
    expect(groups).deep.equal([2, 10_001, 1]);
  });

  it('fails the calls of a failed commit, and goes on with the next', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit);
    recorder.failing = true;
    const failed = await Promise.allSettled([commits.add([item()]), commits.add([item()])]);
    expect(failed.map(({ status }) => status)).deep.equal(['rejected', 'rejected']);
    recorder.failing = false;
    expect(await commits.add([item()])).equal(1);
  });

  it('is drained when everything added has been answered, also after a failure', async () => {
    const recorder = new Recorder();
    const commits = new GroupCommit(recorder.commit);
    await commits.drained();
    recorder.failing = true;
    const answers: string[] = [];
    for (let i = 0; i < 3; i++) {
      commits.add([item(9 * 1024 * 1024)]).catch((error: unknown) => answers.push(String(error)));
    }
    await commits.drained();
    expect(answers).length(3);
  });
});
