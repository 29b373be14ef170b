import { expect } from 'chai';
import fc from 'fast-check';
import { nanosFromTimestamp, timestampFromNanos } from '../../client/timestamp.js';

describe('timestamps', () => {
  it('keep every nanosecond, before 1970 too, with nanos from 0 to 999,999,999', () => {
    expect(timestampFromNanos(-1n)).to.deep.equal({ seconds: -1n, nanos: 999_999_999 });
    expect(timestampFromNanos(1_000_000_005n)).to.deep.equal({ seconds: 1n, nanos: 5 });
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 20n }), (nanos) => {
        const timestamp = timestampFromNanos(nanos);
        expect(timestamp.nanos).to.be.within(0, 999_999_999);
        expect(nanosFromTimestamp(timestamp)).to.equal(nanos);
      }),
    );
  });
});
