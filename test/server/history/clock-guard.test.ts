import { expect } from 'chai';
import { ClockGuard } from '../../../server/history/clock-guard.js';

const MINUTE = 60n * 1_000_000_000n;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
const START = 1_700_000_000_000_000_000n;

describe('the clock of retention', () => {
  let now: bigint;
  let uptime: bigint;
  let lastStoredAt: bigint;
  let warnings: string[];

  beforeEach(() => {
    now = START;
    uptime = 5n;
    lastStoredAt = START - HOUR;
    warnings = [];
  });

  function guardOf(isTrusted = false): () => Promise<boolean> {
    const options = { isTrusted, warn: (text: string): unknown => warnings.push(text) };
    const guard = new ClockGuard(
      () => now,
      () => uptime,
      options,
    );
    const store = { bounds: () => Promise.resolve({ lastStoredAt }) } as never;
    return () => guard.check(store);
  }

  /** Time passes, for the clock as for the counter. */
  function pass(time: bigint): void {
    now += time;
    uptime += time;
  }

  it('is relied on when it agrees with the newest entry, and while it runs evenly', async () => {
    const check = guardOf();
    for (const time of [0n, MINUTE, HOUR, 40n * DAY, DAY]) {
      pass(time);
      expect(await check()).equal(true);
    }
    expect(warnings).deep.equal([]);
  });

  it('is relied on in an empty history', async () => {
    lastStoredAt = 0n;
    expect(await guardOf()()).equal(true);
  });

  for (const [name, jump] of [
    ['40 days ahead', 40n * DAY],
    ['in 1970', -START],
    ['in 2099', 75n * 365n * DAY],
  ] as const) {
    it(`is not relied on for an hour when it starts ${name}`, async () => {
      now += jump;
      const check = guardOf();
      for (let minute = 0; minute < 60; minute++) {
        expect(await check()).equal(false);
        pass(MINUTE);
      }
      expect(warnings).length(1);
      expect(warnings[0]).match(
        /^the clock says [0-9TZ:-]+, but the newest event lets expect 2023-/,
      );
      expect(await check()).equal(true);
      expect(warnings).length(2);
      expect(warnings[1]).match(/has run evenly for an hour/);
    });
  }

  it('is relied on as soon as it is set right again', async () => {
    now += 40n * DAY;
    const check = guardOf();
    expect(await check()).equal(false);
    pass(10n * MINUTE);
    now -= 40n * DAY;
    expect(await check()).equal(true);
    expect(warnings[1]).match(/agrees with the newest event again/);
  });

  it('is not relied on after a jump while the broker runs', async () => {
    const check = guardOf();
    expect(await check()).equal(true);
    pass(MINUTE);
    now -= 2n * DAY;
    expect(await check()).equal(false);
    pass(30n * MINUTE);
    now += 5n * DAY;
    expect(await check()).equal(false);
    pass(59n * MINUTE);
    expect(await check()).equal(false);
    pass(MINUTE);
    expect(await check()).equal(true);
    expect(warnings).length(3);
  });

  it('is always relied on when an operator vouches for it', async () => {
    now += 400n * DAY;
    const check = guardOf(true);
    expect(await check()).equal(true);
    now += 400n * DAY;
    expect(await check()).equal(true);
    expect(warnings).deep.equal([]);
  });
});
