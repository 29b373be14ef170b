import { expect } from 'chai';
import { Random } from '../../../torture/random.js';
import { schedule } from '../../../torture/faults/schedule.js';
import type { FaultKinds, ScheduledFault } from '../../../torture/faults/schedule.js';

const ALL = { killPoints: true, storeFaults: true };
const LMDB: FaultKinds = { ...ALL, store: 'lmdb' };
const REDIS: FaultKinds = { ...ALL, store: 'redis' };

function first(count: number, seed: number, kinds = LMDB): ScheduledFault[] {
  const faults = schedule(new Random(seed), kinds);
  return Array.from({ length: count }, () => faults.next().value);
}

function kindsIn(faults: readonly ScheduledFault[]): Set<string> {
  return new Set(faults.map(({ fault }) => fault.kind));
}

describe('a schedule of faults', () => {
  it('depends on its seed alone', () => {
    expect(first(100, 7)).to.deep.equal(first(100, 7));
    expect(first(100, 7)).to.not.deep.equal(first(100, 8));
  });

  it('contains every allowed kind and no other', () => {
    const always = [
      'crowd',
      'halt broker',
      'halt client',
      'kill broker',
      'kill client',
      'restart broker',
    ];
    const ofStore = ['copy store', 'put copy back', 'wipe store'];
    const ofRedis = ['kill redis', 'halt redis', 'kill all'];
    const none = { killPoints: false, storeFaults: false };
    const kinds = (allowed: FaultKinds) => [...kindsIn(first(1000, 1, allowed))];
    expect(kinds(LMDB)).to.have.members([...always, ...ofStore, 'kill broker at']);
    expect(kinds({ ...LMDB, ...none })).to.have.members(always);
    expect(kinds(REDIS)).to.have.members([...always, ...ofStore, ...ofRedis, 'kill redis at']);
    expect(kinds({ ...REDIS, ...none })).to.have.members([...always, ...ofRedis]);
  });

  it('restores no copy before it has made one', () => {
    for (let seed = 0; seed < 20; seed++) {
      const kinds = first(200, seed).map(({ fault }) => fault.kind);
      const [copied, putBack] = [kinds.indexOf('copy store'), kinds.indexOf('put copy back')];
      expect(copied, `seed ${seed}`).to.be.within(0, putBack);
    }
  });
});
