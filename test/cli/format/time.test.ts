import { expect } from 'chai';
import { durationText, parseDuration, parseTime } from '../../../cli/format/time.js';
import { FoghornError } from '../../../protocol/errors.js';

const NOW = 1_700_000_000_000_000_000n;
const MINUTE = 60_000_000_000n;

describe('parseTime', () => {
  const TIMES: [text: string, nanoseconds: bigint][] = [
    ['2023-11-14T22:13:20Z', NOW],
    ['2023-11-14T22:13:20.000000001Z', NOW + 1n],
    ['2023-11-15T00:13:20+02:00', NOW],
    ['2023-11-14T22:13Z', NOW - 20_000_000_000n],
    ['2023-11-14Z', 1_699_920_000_000_000_000n],
    ['1700000000', NOW],
    ['1700000000.123456789', NOW + 123_456_789n],
    ['1700000000.5', NOW + 500_000_000n],
    ['0', 0n],
    ['-1.5', -1_500_000_000n],
    ['10m', NOW - 10n * MINUTE],
    ['1h30m', NOW - 90n * MINUTE],
    ['1.5h', NOW - 90n * MINUTE],
    ['-1m', NOW + MINUTE],
    ['1w', NOW - 7n * 24n * 60n * MINUTE],
    ['now', NOW],
    ['2023-11-14 22:13:20Z', NOW],
    ['1700000000123', NOW + 123_000_000n],
  ];
  for (const [text, nanoseconds] of TIMES) {
    it(`reads ${text}`, () => {
      expect(parseTime(text, NOW)).to.equal(nanoseconds);
    });
  }

  describe('without a zone', () => {
    const before = process.env.TZ;
    afterEach(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });

    const LOCAL: [zone: string, text: string, utc: string][] = [
      ['America/New_York', '2023-07-14', '2023-07-14T04:00:00Z'],
      ['America/New_York', '2023-11-14T22:13:20.25', '2023-11-15T03:13:20.25Z'],
      ['Asia/Kolkata', '2023-11-14T22', '2023-11-14T16:30:00Z'],
      ['UTC', '2023-11-14T22:13', '2023-11-14T22:13:00Z'],
      ['UTC', '2023-11-14 22:13', '2023-11-14T22:13:00Z'],
      ['America/New_York', '10:30', '2023-11-14T15:30:00Z'],
      ['America/New_York', '9:30:15', '2023-11-14T14:30:15Z'],
      ['Asia/Kolkata', 'today', '2023-11-14T18:30:00Z'],
      ['Asia/Kolkata', 'yesterday', '2023-11-13T18:30:00Z'],
    ];
    for (const [zone, text, utc] of LOCAL) {
      it(`reads ${text} as local time in ${zone}`, () => {
        process.env.TZ = zone;
        expect(parseTime(text, NOW)).to.equal(parseTime(utc, NOW));
      });
    }
  });

  for (const text of [
    '',
    'tomorrow',
    '24:00',
    '9:5',
    '10 m',
    '1m2',
    '1700000000.1234567890',
    '1e9',
    '2023-02-30',
    '2023-02-30T00:00:00Z',
    '2023-11-14T25:00',
    'm',
    '.s',
  ]) {
    it(`refuses ${JSON.stringify(text)} and says what was expected`, () => {
      expect(() => parseTime(text, NOW))
        .to.throw(FoghornError, 'expected a time such as 2023-11-14T22:13:20Z')
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }
});

describe('durationText', () => {
  it('formats days, hours, minutes and seconds, without zeros', () => {
    const spans = ['7d', '36h', '1h1m1s', '59.9s', '1ms'].map(parseDuration);
    expect(spans.map(durationText)).to.deep.equal([
      '7 days',
      '1 day 12 hours',
      '1 hour 1 minute 1 second',
      '59 seconds',
      '0 seconds',
    ]);
  });
});

describe('parseDuration', () => {
  const DURATIONS: [text: string, nanoseconds: bigint][] = [
    ['0', 0n],
    ['500ms', 500_000_000n],
    ['1.5h', 90n * MINUTE],
    ['1h2m3s4ms5us6ns', 3_723_004_005_006n],
    ['3µs', 3_000n],
    ['.5s', 500_000_000n],
    ['1.s', 1_000_000_000n],
    ['-1m', -MINUTE],
    ['+1m', MINUTE],
    ['7d', 7n * 24n * 60n * MINUTE],
    ['1w', 7n * 24n * 60n * MINUTE],
    ['0.1ns', 0n],
  ];
  for (const [text, nanoseconds] of DURATIONS) {
    it(`reads ${text}`, () => {
      expect(parseDuration(text)).to.equal(nanoseconds);
    });
  }

  for (const text of ['', '5', '1', 'm', '1 h', '1y', '--1m', '1h-1m']) {
    it(`refuses ${JSON.stringify(text)} and says what was expected`, () => {
      expect(() => parseDuration(text)).to.throw(
        FoghornError,
        'expected a duration such as 500ms, 10m, 1h30m or 7d',
      );
    });
  }
});
