import { expect } from 'chai';
import fc from 'fast-check';
import { backoffDelay } from '../../client/backoff.js';

describe('backoffDelay', () => {
  it('doubles its upper bound up to 5 s', () => {
    const bounds = [0, 1, 2, 5, 6, 1000].map((attempt) => backoffDelay(attempt, 0.999999));
    expect(bounds).to.deep.equal([99, 199, 399, 3199, 4999, 4999]);
  });

  it('spreads from nothing to the bound', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delay = backoffDelay(attempt, random);
          expect(delay).to.be.within(0, Math.min(5000, 100 * 2 ** attempt));
          expect(backoffDelay(attempt, 0)).to.equal(0);
        },
      ),
    );
  });
});
