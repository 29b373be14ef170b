import type { Clock } from '../../protocol/clock.js';
import type { EventStore } from './store.js';

const MINUTE = 60n * 1_000_000_000n;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** A reading of the clock. */
interface ClockReading {
  /** The time that the clock gave, ns since 1970. */
  readonly time: bigint;
  /** The time since an arbitrary moment by a counter that is never set, ns. */
  readonly uptime: bigint;
}

export interface ClockGuardOptions {
  /** Whether an operator vouches for the clock. */
  readonly isTrusted: boolean;
  readonly warn: (text: string) => void;
}

/**
 * Decides whether retention by age may rely on the clock, because a clock that is set wrong would
 * remove a whole history. A clock that differs by more than a day from the newest entry, or that
 * has jumped by more since, is not relied on until it has run evenly for an hour.
 */
export class ClockGuard {
  /** The newest reading that was relied on. */
  #reference: ClockReading | undefined;
  /** The first reading after a jump. */
  #jump: ClockReading | undefined;

  /** @param uptime ns since an arbitrary moment, by a counter that is never set */
  constructor(
    private readonly clock: Clock,
    private readonly uptime: () => bigint,
    private readonly options: ClockGuardOptions,
  ) {}

  /** Whether the clock has jumped, and is not relied on yet. */
  get isDoubtful(): boolean {
    return this.#jump !== undefined;
  }

  /** Reads the clock; returns whether it can be relied on. The first call asks the store. */
  async check(store: Pick<EventStore, 'bounds'>): Promise<boolean> {
    this.#reference ??= await this.#newestEntry(store);
    const now = this.#read();
    if (this.options.isTrusted || differenceOf(now, this.#reference) <= DAY) {
      return this.#accept(now, 'agrees with the newest event again');
    }
    if (this.#jump === undefined || differenceOf(now, this.#jump) > MINUTE) {
      this.#jump = now;
      this.options.warn(jumpText(now.time, expectedTime(this.#reference, now)));
      return false;
    }
    if (now.uptime - this.#jump.uptime < HOUR) return false;
    return this.#accept(now, 'has run evenly for an hour');
  }

  #read(): ClockReading {
    return { time: this.clock(), uptime: this.uptime() };
  }

  /** The reading with which the newest entry was stored, as if that had been now. */
  async #newestEntry(store: Pick<EventStore, 'bounds'>): Promise<ClockReading> {
    const { lastStoredAt } = await store.bounds();
    const now = this.#read();
    return lastStoredAt === 0n ? now : { ...now, time: lastStoredAt };
  }

  #accept(now: ClockReading, reason: string): boolean {
    if (this.#jump !== undefined) {
      this.options.warn(`the clock ${reason}: events are removed by age again`);
    }
    this.#reference = now;
    this.#jump = undefined;
    return true;
  }
}

/** The time that the clock should give now if it gave a reading before. */
function expectedTime(before: ClockReading, now: ClockReading): bigint {
  return before.time + now.uptime - before.uptime;
}

function differenceOf(now: ClockReading, before: ClockReading): bigint {
  const difference = now.time - expectedTime(before, now);
  return difference < 0n ? -difference : difference;
}

function jumpText(time: bigint, expected: bigint): string {
  return (
    `the clock says ${textOf(time)}, but the newest event lets expect ${textOf(expected)}: ` +
    'no event is removed by age until the clock has run evenly for an hour. ' +
    'If it is right, --trust-clock ends the pause'
  );
}

/** A time in words, to the second. */
function textOf(time: bigint): string {
  const date = new Date(Number(time / 1_000_000n));
  return Number.isNaN(date.getTime())
    ? `${time} ns after 1970`
    : date.toISOString().slice(0, 19) + 'Z';
}
