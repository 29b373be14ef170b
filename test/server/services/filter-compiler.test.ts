import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { SliceSchedule } from '../../../server/broker/slice-schedule.js';
import { FilterCompiler } from '../../../server/services/filters.js';

describe('the compiler of filters', () => {
  /** Iterations of the event loop until the promise is resolved. */
  async function iterationsUntil(result: Promise<unknown>): Promise<number> {
    const state = { iterations: 0, isDone: false };
    void result.then(() => (state.isDone = true));
    for (; !state.isDone; state.iterations += 1) await new Promise(setImmediate);
    return state.iterations;
  }

  const compiler = new FilterCompiler(new SliceSchedule());
  const slow = (subscription: number): string[] =>
    Array.from({ length: 8 }, (_, i) => `event.id~="(?:[a-m].{0,${290 - i}}){3}${subscription}"`);

  it('compiles costly filters in many iterations of the event loop', async () => {
    const all = Promise.all([1, 2, 3, 4].map((n) => compiler.compile(slow(n))));
    expect(await iterationsUntil(all)).to.be.at.least(4);
    expect((await all).map(({ filters }) => filters.length)).to.deep.equal([8, 8, 8, 8]);
  });

  it('compiles an ordinary filter while costly ones wait', async () => {
    const all = Promise.all([5, 6, 7, 8].map((n) => compiler.compile(slow(n))));
    let isDone = false;
    void all.then(() => (isDone = true));
    await compiler.compile(['topic==x']);
    expect(isDone).to.equal(false);
    await all;
  });

  it('refuses an invalid filter with the text of containerd', async () => {
    for (const source of ['topic==', 'topic~="("']) {
      const error: unknown = await compiler.compile([source]).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(FoghornError).with.property('code', 'INVALID_ARGUMENT');
      expect(String(error)).to.contain('failed parsing subscription filters');
    }
  });
});
