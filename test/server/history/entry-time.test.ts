import { expect } from 'chai';
import { entryTime } from '../../../server/history/entry-time.js';

const DAY = 24n * 3600n * 1_000_000_000n;
const STORED_AT = 1_700_000_000_000_000_000n;
const CASES: [what: string, timestamp: bigint, expected: bigint][] = [
  ['an honest time', STORED_AT - 5n, STORED_AT - 5n],
  ['a day ahead', STORED_AT + DAY, STORED_AT + DAY],
  ['more than a day ahead', STORED_AT + DAY + 1n, STORED_AT + DAY],
  ['the year 9999', 253_402_300_799n * 1_000_000_000n, STORED_AT + DAY],
  ['before 1970', -1n, -1n],
  ['the earliest that 64 bits hold', -(2n ** 63n), -(2n ** 63n)],
  ['the year 1', -62_135_596_800n * 1_000_000_000n, -(2n ** 63n)],
];

describe('entry time', () => {
  for (const [what, timestamp, expected] of CASES) {
    it(`is that of ${what}`, () => {
      expect(entryTime(timestamp, STORED_AT)).equal(expected);
    });
  }
});
