import { expect } from 'chai';
import { momentNanos, type Moment } from '../../client/moment.js';
import { FoghornError } from '../../protocol/errors.js';

describe('momentNanos', () => {
  it('takes nanoseconds, a Date and RFC 3339', () => {
    expect(momentNanos(5n, 'since')).to.equal(5n);
    expect(momentNanos(new Date(1500), 'since')).to.equal(1_500_000_000n);
    expect(momentNanos('1970-01-01T01:00:00.000000007+01:00', 'since')).to.equal(7n);
  });

  for (const wrong of ['yesterday', '', new Date(NaN), 1500 as unknown as Moment]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      expect(() => momentNanos(wrong, 'since'))
        .to.throw(FoghornError, /^since .*: expected nanoseconds as a bigint, a Date, or an RFC/)
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }
});
