import { LONGEST_TIMER_MS, type Clock } from '../../protocol/clock.js';
import type { Stop } from '../history/store.js';

/** Calls back once the clock has passed a time in ns since 1970, however distant. */
export function wakeAt(time: bigint, clock: Clock, callback: () => void): Stop {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const left = time - clock();
    if (left < 0n) {
      callback();
      return;
    }
    // One more millisecond, because timers fire up to one too early.
    const wait = Math.min(Number(left / 1_000_000n) + 1, LONGEST_TIMER_MS);
    timer = setTimeout(arm, wait);
  };
  arm();
  return () => {
    clearTimeout(timer);
  };
}
