import { expect } from 'chai';
import fc from 'fast-check';
import { SortedList } from '../../../server/docker/sorted-list.js';
import { range } from '../../support/history-seed.js';
import { runs } from '../../support/property-runs.js';

const byNumber = (one: number, other: number): number => one - other;

describe('a sorted list', () => {
  it('has its items in order, whatever is added and deleted', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 4000 });
    fc.assert(
      fc.property(steps, fc.integer({ min: -1, max: 5001 }), (values, probe) => {
        const list = new SortedList(byNumber);
        const model = new Set<number>();
        for (const value of values) {
          if (model.delete(value)) list.delete(value);
          else {
            list.add(value);
            model.add(value);
          }
        }
        const expected = [...model].sort(byNumber);
        expect(list.toArray()).to.deep.equal(expected);
        expect([...list.from(probe)]).to.deep.equal(expected.filter((value) => value >= probe));
      }),
      runs(50),
    );
  });

  it('compares logarithmically few items to add one, find one and delete one', () => {
    let compared = 0;
    const list = new SortedList<number>((one, other) => {
      compared += 1;
      return one - other;
    });
    for (const value of range(1, 100_000)) list.add((value * 7919) % 100_003);
    compared = 0;
    list.delete(4711);
    list.add(4711);
    list.from(4711)[Symbol.iterator]().next();
    expect(compared).to.be.below(120);
  });

  it('ignores the deletion of an item that it does not have', () => {
    const list = new SortedList(byNumber);
    list.delete(1);
    list.add(2);
    list.delete(1);
    list.delete(3);
    expect(list.toArray()).to.deep.equal([2]);
  });
});
