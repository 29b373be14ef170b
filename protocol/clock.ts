import { hrtime } from 'node:process';

/** Returns the time in nanoseconds since 1970-01-01T00:00:00Z. */
export type Clock = () => bigint;

/** Returns nanoseconds since an arbitrary moment, by a counter that is never set. */
export function uptime(): bigint {
  return hrtime.bigint();
}

/** Longest time that a Node timer can wait, about 24.8 days. A longer timer fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Difference to the system's clock from which on the fine clock is set again. */
const TOLERANCE_MS = 2;

/** Longest time between two readings that count as made at the same moment, ns. */
const SAME_MOMENT = 1_000_000n;

/**
 * The system's clock with nanosecond resolution: one for the whole process, so that its readings
 * can be compared with each other. Node gives the date only to the millisecond, so the monotonic
 * counter adds the rest, and is set again whenever the system's clock was stepped.
 */
export const systemClock: Clock = fineClock();

function fineClock(): Clock {
  let anchor = 0n;
  return () => {
    const time = anchor + hrtime.bigint();
    if (isNear(time, Date.now())) return time;
    // The process may have been suspended between the two readings.
    const { monotonic, date } = readTogether();
    if (!isNear(anchor + monotonic, date)) anchor = BigInt(date) * 1_000_000n - monotonic;
    return anchor + monotonic;
  };
}

function isNear(time: bigint, date: number): boolean {
  return Math.abs(Number(time / 1_000_000n) - date) <= TOLERANCE_MS;
}

/** Reads the counter and the date at the same moment. */
function readTogether(): { readonly monotonic: bigint; readonly date: number } {
  for (;;) {
    const before = hrtime.bigint();
    const date = Date.now();
    const monotonic = hrtime.bigint();
    if (monotonic - before < SAME_MOMENT) return { monotonic, date };
  }
}

/**
 * A clock that always moves forward: it never repeats a time, however the other clock is stepped.
 */
export function risingClock(clock: Clock): Clock {
  let last = clock() - 1n;
  return () => {
    const now = clock();
    last = now > last ? now : last + 1n;
    return last;
  };
}
