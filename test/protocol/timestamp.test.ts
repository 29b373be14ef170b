import { expect } from 'chai';
import fc from 'fast-check';
import {
  durationFromNanos,
  nanosFromTimestamp,
  timestampFromNanos,
} from '../../protocol/timestamp.js';

describe('timestamps', () => {
  const CASES: readonly [bigint, number, bigint][] = [
    [0n, 0, 0n],
    [1n, 5, 1_000_000_005n],
    // Nanos out of range carry over, as in Go.
    [1n, 2_000_000_000, 3_000_000_000n],
    [1n, -5, 999_999_995n],
    [-1n, 999_999_999, -1n],
    [-62_135_596_800n, 0, -62_135_596_800_000_000_000n],
    [2n ** 63n - 1n, 0, (2n ** 63n - 1n) * 1_000_000_000n],
  ];
  for (const [seconds, nanos, expected] of CASES) {
    it(`${seconds} s and ${nanos} ns`, () => {
      expect(nanosFromTimestamp({ seconds, nanos })).to.equal(expected);
    });
  }

  it('keep every nanosecond', () => {
    expect(timestampFromNanos(-1n)).to.deep.equal({ seconds: -1n, nanos: 999_999_999 });
    expect(timestampFromNanos(1_000_000_005n)).to.deep.equal({ seconds: 1n, nanos: 5 });
  });

  it('have nanos from 0 to 999,999,999 when made from nanoseconds, also before 1970', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 80n), 2n ** 80n), (nanoseconds) => {
        const timestamp = timestampFromNanos(nanoseconds);
        expect(timestamp.nanos).to.be.within(0, 999_999_999);
        expect(nanosFromTimestamp(timestamp)).to.equal(nanoseconds);
      }),
    );
  });
});

describe('durations', () => {
  const CASES: readonly [bigint, bigint, number][] = [
    [0n, 0n, 0],
    [1n, 0n, 1],
    [999_999_999n, 0n, 999_999_999],
    [1_000_000_000n, 1n, 0],
    [2_592_000_000_000_000_007n, 2_592_000_000n, 7],
  ];
  for (const [total, seconds, nanos] of CASES) {
    it(`${total} ns`, () => {
      expect(durationFromNanos(total)).to.deep.equal({ seconds, nanos });
    });
  }
});
