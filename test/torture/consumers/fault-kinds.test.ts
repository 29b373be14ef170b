import { expect } from 'chai';
import { kindsOf } from '../../../torture/consumers/fault-kinds.js';

describe('kinds of faults', () => {
  it('counts faults that differ in numbers only, and lists the rarest kind first', () => {
    const lost = Array.from({ length: 30 }, (_, i) => `c${i} ${i * 7} was never handled`);
    expect(kindsOf([...lost, 'the floor went from 9 to 4'])).deep.equal([
      { kind: 'the floor went from N to N', count: 1, examples: ['the floor went from 9 to 4'] },
      { kind: 'cN N was never handled', count: 30, examples: lost.slice(0, 5) },
    ]);
  });
});
