import { hrtime } from 'node:process';

/** Tells the time in nanoseconds since 1970-01-01T00:00:00Z. */
export type Clock = () => bigint;

/** The longest that a Node timer can wait, about 24.8 days; a longer one fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How far the fine clock may stray from the system's before it is set again. */
const TOLERANCE_MS = 2;

/**
 * The system's clock with nanosecond resolution. Node tells the date only to the millisecond, so
 * the monotonic counter is laid over it and set again whenever the system's clock was stepped.
 */
export function systemClock(): Clock {
  let anchor = 0n;
  return () => {
    const monotonic = hrtime.bigint();
    const date = Date.now();
    const time = anchor + monotonic;
    if (Math.abs(Number(time / 1_000_000n) - date) <= TOLERANCE_MS) return time;
    anchor = BigInt(date) * 1_000_000n - monotonic;
    return anchor + monotonic;
  };
}

/** A clock that never tells the same time twice, nor an earlier one, however the other is stepped. */
export function risingClock(clock: Clock): Clock {
  let last = clock() - 1n;
  return () => {
    const now = clock();
    last = now > last ? now : last + 1n;
    return last;
  };
}
