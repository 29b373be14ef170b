import { expect } from 'chai';
import type { AskedWait } from '../../../torture/exits/asked-wait.js';
import { drawLife, type Life } from '../../../torture/exits/life.js';
import type { TrueRun } from '../../../torture/exits/truth.js';
import { judge } from '../../../torture/exits/verdict.js';
import { Random } from '../../../torture/random.js';

const RUN: TrueRun = { begun: 10, ended: 12, code: 7 };

function waitOf(answer: number, life: Partial<Life>): AskedWait {
  const over = Promise.resolve();
  const whole: Life = { ...drawLife(new Random(1), 'c'), kind: 'plain', starts: [10], ...life };
  const times = { askedAt: 11, answeredAt: 20 };
  return { way: 'gRPC', life: whole, ...times, answer, isLate: false, cancel: () => {}, over };
}

describe('the verdict on an answer', () => {
  const killedRun: TrueRun = { begun: 10, ended: undefined, code: undefined };

  it('is true for the code that the container wrote, and wrong for another', () => {
    expect(judge(waitOf(7, {}), [RUN], [])).to.equal('true');
    expect(judge(waitOf(8, {}), [RUN], [])).to.equal('wrong');
    expect(judge(waitOf(137, {}), [RUN], [])).to.equal('wrong');
  });

  for (const cause of ['killedAt', 'removedAt', 'failedAt'] as const) {
    it(`is true for 137 if the round killed the run: ${cause}`, () => {
      expect(judge(waitOf(137, { [cause]: 15 }), [killedRun], [])).to.equal('true');
      expect(judge(waitOf(137, { [cause]: 12.5 }), [RUN], [])).to.equal('true');
      // It had ended by itself, was not there yet, or was killed after the answer.
      expect(judge(waitOf(137, { [cause]: 15 }), [RUN], [])).to.equal('wrong');
      expect(judge(waitOf(137, { [cause]: 9 }), [killedRun], [])).to.equal('wrong');
      expect(judge(waitOf(137, { [cause]: 25, seconds: 20 }), [killedRun], [])).to.equal('wrong');
    });
  }

  it('is true for 137 if the round removed a task that was created and never started', () => {
    expect(judge(waitOf(137, { removedAt: 15 }), [], [])).to.equal('true');
    expect(judge(waitOf(137, { removedAt: 25 }), [], [])).to.equal('wrong');
  });

  it('is true for 128 if the engine removed a container whose start had failed', () => {
    const failed: Partial<Life> = { kind: 'removed', starts: [], failedAt: 12 };
    expect(judge(waitOf(128, failed), [], [])).to.equal('true');
    expect(judge(waitOf(127, failed), [], [])).to.equal('wrong');
    expect(judge(waitOf(128, failed), [RUN], [])).to.equal('wrong');
    // The engine keeps other containers, and says their code.
    expect(judge(waitOf(128, { ...failed, kind: 'plain' }), [], [])).to.equal('wrong');
    expect(judge(waitOf(128, { kind: 'removed', starts: [] }), [], [])).to.equal('wrong');
  });

  it('is true for 137 if the run had time for its end, and did not write it down', () => {
    expect(judge(waitOf(137, { seconds: 2, removedAt: 25 }), [killedRun], [])).to.equal('true');
    expect(judge(waitOf(137, { seconds: 2, removedAt: 25 }), [RUN], [])).to.equal('wrong');
    expect(judge(waitOf(7, { seconds: 2, removedAt: 25 }), [killedRun], [])).to.equal('wrong');
  });

  it('is a clean-up for 137 if the shim of the run was killed', () => {
    expect(judge(waitOf(137, {}), [killedRun], [15])).to.equal('clean-up');
    expect(judge(waitOf(137, {}), [killedRun], [9])).to.equal('wrong');
    expect(judge(waitOf(137, {}), [killedRun], [25])).to.equal('wrong');
  });

  it('is a clean-up for 137 if the shim of a task that never started was killed', () => {
    const failed = { starts: [], failedAt: 12 };
    expect(judge(waitOf(137, failed), [], [15])).to.equal('clean-up');
    expect(judge(waitOf(137, failed), [], [9])).to.equal('wrong');
    expect(judge(waitOf(137, failed), [], [25])).to.equal('wrong');
    expect(judge(waitOf(137, failed), [], [])).to.equal('wrong');
  });
});
