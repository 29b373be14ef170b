import { expect } from 'chai';
import fc from 'fast-check';
import { entryTime } from '../../server/history/driver.js';
import { RANDOM_HISTORIES, type StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import { envelope, freshStore, StoreUnderTest } from './store-under-test.js';

const HOUR = 3600n * 1_000_000_000n;
const GO_ZERO_TIME = -62_135_596_800n * 1_000_000_000n;
const END_OF_TIME = 253_402_300_799n * 1_000_000_000n;

export function describeTime(frame: TestFrame, driver: StoreDriver): void {
  const { describe, it } = frame;
  describe('bounds and storedAt', () => {
    const fresh = freshStore(frame, driver);

    it('are those of an empty history at first', async () => {
      const bounds = await fresh().store.bounds();
      expect(bounds).include({ first: 1, last: 0, firstStoredAt: 0n, lastStoredAt: 0n });
      expect(await fresh().store.storedBytes()).a('number');
    });

    it('name the first and last entry and when they were stored', async () => {
      const test = fresh();
      const start = test.now;
      await test.appendTexts('a');
      test.now += HOUR;
      await test.appendTexts('b', 'c');
      const bounds = await test.store.bounds();
      expect(bounds).include({
        first: 1,
        last: 3,
        firstStoredAt: start,
        lastStoredAt: start + HOUR,
      });
    });

    it('come with the bytes that the history occupies', async () => {
      const before = await fresh().store.storedBytes();
      await fresh().appendTexts('x'.repeat(1_000_000));
      expect(await fresh().store.storedBytes()).at.least(before + 900_000);
    });

    it('never fall when the clock steps back', async () => {
      const test = fresh();
      const start = test.now;
      for (const step of [0n, 5n, -HOUR, -3n, 4n, 6n]) {
        test.now = start + step;
        await test.appendTexts('event');
      }
      const storedAt = (await test.readAll()).map((entry) => entry.storedAt - start);
      expect(storedAt).deep.equal([0n, 5n, 5n, 5n, 5n, 6n]);
      expect((await test.store.bounds()).lastStoredAt).equal(start + 6n);
    });
  });

  describe('offsetAt', () => {
    const fresh = freshStore(frame, driver);

    it('is one past the last entry when none is late enough', async () => {
      const { store, now } = fresh();
      expect(await store.offsetAt(0n)).equal(1);
      await store.append([envelope('a', { time: now })]);
      expect(await store.offsetAt(now)).equal(1);
      expect(await store.offsetAt(now + 1n)).equal(2);
    });

    it('counts a timestamp far in the future as at most a day ahead', async () => {
      const { store, now } = fresh();
      await store.append([envelope('from the year 9999', { time: END_OF_TIME })]);
      fresh().now += 48n * HOUR;
      await store.append([envelope('honest', { time: fresh().now })]);
      expect(await store.offsetAt(now + 24n * HOUR)).equal(1);
      expect(await store.offsetAt(now + 24n * HOUR + 1n)).equal(2);
    });

    it('finds the earliest possible timestamp', async () => {
      const { store, now } = fresh();
      await store.append([envelope('zero', { time: GO_ZERO_TIME })]);
      await store.append([envelope('now', { time: now })]);
      expect(await store.offsetAt(GO_ZERO_TIME)).equal(1);
      expect(await store.offsetAt(0n)).equal(2);
    });

    it('returns what a scan finds, for any timestamps', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(APPEND, { maxLength: 25 }), async (appends) => {
          const test = await StoreUnderTest.make(driver);
          try {
            await checkAgainstScan(test, appends);
          } finally {
            await test.remove();
          }
        }),
        { numRuns: driver.randomHistories ?? RANDOM_HISTORIES },
      );
    });
  });
}

interface TimedAppend {
  /** How the clock moves before. */
  readonly step: bigint;
  /** Relative to the clock of that moment, or absolute. */
  readonly ahead: bigint;
  readonly absolute: bigint | undefined;
}

const APPEND: fc.Arbitrary<TimedAppend> = fc.record({
  step: fc.bigInt({ min: -HOUR, max: 20n * HOUR }),
  ahead: fc.oneof(
    fc.constantFrom(0n, 1n, -1n, 24n * HOUR, 24n * HOUR + 1n),
    fc.bigInt({ min: -100n * HOUR, max: 100n * HOUR }),
  ),
  absolute: fc.option(
    fc.constantFrom(0n, -1n, 1n, -5n * HOUR, GO_ZERO_TIME, END_OF_TIME, 1_700_000_000_000_000_000n),
    { nil: undefined },
  ),
});

async function checkAgainstScan(
  test: StoreUnderTest,
  appends: readonly TimedAppend[],
): Promise<void> {
  const timestamps: bigint[] = [];
  for (const { step, ahead, absolute } of appends) {
    test.now += step;
    const timestamp = absolute ?? test.now + ahead;
    timestamps.push(timestamp);
    await test.store.append([envelope('event', { time: timestamp })]);
  }
  const entries = await test.readAll();
  const times = entries.map(({ storedAt }, i) => entryTime(timestamps[i]!, storedAt));
  for (const time of new Set(times.flatMap((at) => [at - 1n, at, at + 1n]))) {
    const scanned = times.findIndex((at) => at >= time);
    const expected = scanned === -1 ? times.length + 1 : scanned + 1;
    expect(await test.store.offsetAt(time), `offset at ${time}`).equal(expected);
  }
}
