import { expect } from 'chai';
import { humanDuration } from '../../../server/docker/human-duration.js';

const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

describe('durations for people', () => {
  const DURATIONS: [nanos: bigint, text: string][] = [
    [-HOUR, 'Less than a second'],
    [0n, 'Less than a second'],
    [SECOND - 1n, 'Less than a second'],
    [SECOND, '1 second'],
    [2n * SECOND - 1n, '1 second'],
    [2n * SECOND, '2 seconds'],
    [MINUTE - 1n, '59 seconds'],
    [MINUTE, 'About a minute'],
    [2n * MINUTE - 1n, 'About a minute'],
    [2n * MINUTE, '2 minutes'],
    [HOUR - 1n, '59 minutes'],
    [HOUR, 'About an hour'],
    [HOUR + 30n * MINUTE - SECOND, 'About an hour'],
    [HOUR + 30n * MINUTE, '2 hours'],
    [2n * DAY - 30n * MINUTE - SECOND, '47 hours'],
    [2n * DAY - 30n * MINUTE, '2 days'],
    [14n * DAY - HOUR, '13 days'],
    [14n * DAY, '2 weeks'],
    [59n * DAY, '8 weeks'],
    [60n * DAY, '2 months'],
    [729n * DAY, '24 months'],
    [730n * DAY, '2 years'],
    [3650n * DAY, '10 years'],
  ];
  for (const [nanos, text] of DURATIONS) {
    it(`${nanos} ns: ${text}`, () => {
      expect(humanDuration(nanos)).to.equal(text);
    });
  }
});
