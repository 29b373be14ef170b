import { expect } from 'chai';
import { Random } from '../random.js';
import { schedule } from './schedule.js';
import type { FaultKinds, ScheduledFault } from './schedule.js';

const ALL = { killPoints: true, storeFaults: true };

function first(count: number, seed: number, kinds: FaultKinds = ALL): ScheduledFault[] {
  const faults = schedule(new Random(seed), kinds);
  return Array.from({ length: count }, () => faults.next().value);
}

function kindsIn(faults: readonly ScheduledFault[]): Set<string> {
  return new Set(faults.map(({ fault }) => fault.kind));
}

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(first(100, 7)).to.deep.equal(first(100, 7));
    expect(first(100, 7)).to.not.deep.equal(first(100, 8));
  });

  it('has all kinds, and only those that are allowed', () => {
    expect(kindsIn(first(1000, 1))).to.have.property('size', 10);
    const few = kindsIn(first(1000, 1, { killPoints: false, storeFaults: false }));
    expect([...few].sort()).to.deep.equal(
      [
        'crowd',
        'halt broker',
        'halt client',
        'kill broker',
        'kill client',
        'restart broker',
      ].sort(),
    );
  });

  it('puts no copy back before it has made one', () => {
    for (let seed = 0; seed < 20; seed++) {
      const kinds = first(200, seed).map(({ fault }) => fault.kind);
      const [copied, putBack] = [kinds.indexOf('copy store'), kinds.indexOf('put copy back')];
      expect(copied, `seed ${seed}`).to.be.within(0, putBack);
    }
  });
});
