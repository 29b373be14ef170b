import { expect } from 'chai';
import fc from 'fast-check';
import { backoffDelay } from '../../client/backoff.js';

describe('backoffDelay', () => {
  it('doubles its upper bound up to 2 s', () => {
    const bounds = [0, 1, 2, 4, 5, 1000].map((attempt) => backoffDelay(attempt, 0.999999));
    expect(bounds).to.deep.equal([99, 199, 399, 1599, 1999, 1999]);
  });

  it('spreads from 0 to the bound', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delay = backoffDelay(attempt, random);
          expect(delay).to.be.within(0, Math.min(2000, 100 * 2 ** attempt));
          expect(backoffDelay(attempt, 0)).to.equal(0);
        },
      ),
    );
  });
});
