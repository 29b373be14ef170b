import { expect } from 'chai';
import { quantile } from '../../../web/broker/quantile.js';

const histogram = (...counts: number[]) => ({ bounds: [0.001, 0.01, 0.1], counts, sum: 0 });

describe('a quantile of a histogram', () => {
  it('is interpolated within its bucket', () => {
    expect(quantile(0.5, histogram(0, 10, 0, 0), undefined)).to.be.closeTo(0.0055, 1e-9);
    expect(quantile(0.99, histogram(98, 0, 2, 0), undefined)).to.be.closeTo(0.055, 1e-9);
  });

  it('is of the observations since the sample before', () => {
    expect(quantile(1, histogram(5, 100, 0, 0), histogram(0, 100, 0, 0))).to.equal(0.001);
  });

  it('is the highest bound for what is above all bounds', () => {
    expect(quantile(0.5, histogram(0, 0, 0, 3), undefined)).to.equal(0.1);
  });

  it('is unknown without observations', () => {
    expect(quantile(0.5, histogram(0, 7, 0, 0), histogram(0, 7, 0, 0))).to.equal(null);
  });

  it('begins again with a broker that was started again', () => {
    expect(quantile(1, histogram(1, 0, 0, 0), histogram(0, 9, 0, 0))).to.equal(0.001);
  });
});
