import { expect } from 'chai';
import fc from 'fast-check';
import { formatRfc3339, parseRfc3339 } from '../../protocol/rfc3339.js';

describe('RFC 3339', () => {
  const TIMES: [text: string, seconds: bigint, nanos: number][] = [
    ['1970-01-01T00:00:00Z', 0n, 0],
    ['2023-11-14T22:13:20.000000005Z', 1700000000n, 5],
    ['2023-11-14t22:13:20.5z', 1700000000n, 500_000_000],
    ['2023-11-15T03:43:20+05:30', 1700000000n, 0],
    ['2023-11-14T14:13:20-08:00', 1700000000n, 0],
    ['1969-12-31T23:59:59.999999999Z', -1n, 999_999_999],
    ['0001-01-01T00:00:00Z', -62135596800n, 0],
    ['9999-12-31T23:59:59.9Z', 253402300799n, 900_000_000],
    ['2024-02-29T00:00:00Z', 1709164800n, 0],
  ];
  for (const [text, seconds, nanos] of TIMES) {
    it(`reads ${text}`, () => {
      expect(parseRfc3339(text)).to.deep.equal({ seconds, nanos });
    });
  }

  for (const text of [
    '',
    '2023-11-14',
    '2023-11-14T22:13:20',
    '2023-11-14 22:13:20Z',
    '2023-11-14T22:13:20.Z',
    '2023-11-14T22:13:20.1234567890Z',
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-00-01T00:00:00Z',
    '2023-11-14T24:00:00Z',
    '2023-11-14T22:60:00Z',
    '2023-11-14T22:13:60Z',
    '2023-11-14T22:13:20+24:00',
    '0000-12-31T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
  ]) {
    it(`refuses ${text}`, () => {
      expect(parseRfc3339(text)).to.equal(undefined);
    });
  }

  it('writes the requested number of digits', () => {
    const instant = { seconds: 1700000000n, nanos: 120_000_000 };
    expect(formatRfc3339(instant, 'needed')).to.equal('2023-11-14T22:13:20.12Z');
    expect(formatRfc3339(instant, 'nine')).to.equal('2023-11-14T22:13:20.120000000Z');
    expect(formatRfc3339({ ...instant, nanos: 0 }, 'needed')).to.equal('2023-11-14T22:13:20Z');
    expect(formatRfc3339({ ...instant, nanos: 1e9 }, 'needed')).to.equal(undefined);
    expect(formatRfc3339({ seconds: 253402300800n, nanos: 0 }, 'nine')).to.equal(undefined);
  });

  it('parses every moment that it formats', () => {
    const instant = fc.record({
      seconds: fc.bigInt(-62135596800n, 253402300799n),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
    });
    fc.assert(
      fc.property(instant, fc.constantFrom('nine' as const, 'needed' as const), (value, digits) => {
        expect(parseRfc3339(formatRfc3339(value, digits) ?? '')).to.deep.equal(value);
      }),
    );
  });
});
