import type { Retention } from './store.js';

/** An entry that was stored later than this after now was stamped by a wrong clock. */
const AHEAD_LIMIT = 24n * 3600n * 1_000_000_000n;
/** Observations in the shortest age that retention knows, and most in the longest. */
const PER_SHORTEST_AGE = 16n;
const PER_LONGEST_AGE = 500n;

/** A moment at which retention has seen all entries up to an offset. */
interface Sighting {
  readonly offset: number;
  readonly time: bigint;
}

/**
 * Tells the age of entries that were stored while the clock was more than a day ahead, and of those
 * after them, whose times cannot be less: they are as old as the first observation of them. Without
 * it, one entry from a clock that is years ahead would end retention by age for years.
 */
export class ObservedTimes {
  /** Ascending by offset and by time. */
  #observations: Sighting[];

  /** @param text what `text` has returned, undefined for none */
  constructor(text = '') {
    this.#observations = text.split(' ').flatMap((part) => {
      const [offset, time] = part.split('@');
      return offset && time ? [{ offset: Number(offset), time: BigInt(time) }] : [];
    });
  }

  /** All observations, to be stored. */
  get text(): string {
    return this.#observations.map(({ offset, time }) => `${offset}@${time}`).join(' ');
  }

  /**
   * Notes what retention sees now, if that is needed. Must be called with a clock that can be
   * relied on. Returns whether `text` has changed.
   */
  observe(newest: Seen, retention: Retention, now: bigint): boolean {
    const before = this.#observations;
    const ages = [retention.age, retention.lastingAge].filter((age) => age !== undefined);
    if (ages.length === 0) return false;
    if (!isAhead(newest.storedAt, now)) {
      this.#observations = [];
      return before.length > 0;
    }
    const [shortest, longest] = [minOf(ages), maxOf(ages)];
    const interval = maxOf([shortest / PER_SHORTEST_AGE, longest / PER_LONGEST_AGE]);
    const last = before.at(-1);
    const isNew = last === undefined || newest.offset > last.offset;
    if (!isNew || (last !== undefined && now - last.time < interval)) return false;
    // The newest of those that are over every age says enough.
    const expired = before.findLastIndex(({ time }) => now - time > longest);
    this.#observations = before.slice(Math.max(0, expired));
    this.#observations.push({ offset: newest.offset, time: now });
    return true;
  }

  /** The time from which the age of an entry counts. */
  timeOf(offset: number, storedAt: bigint, now: bigint): bigint {
    if (!isAhead(storedAt, now)) return storedAt;
    return this.#observations.find((seen) => seen.offset >= offset)?.time ?? now;
  }
}

/** The newest entry. */
interface Seen {
  readonly offset: number;
  readonly storedAt: bigint;
}

function isAhead(storedAt: bigint, now: bigint): boolean {
  return storedAt - now > AHEAD_LIMIT;
}

function minOf(values: readonly bigint[]): bigint {
  return values.reduce((least, value) => (value < least ? value : least));
}

function maxOf(values: readonly bigint[]): bigint {
  return values.reduce((greatest, value) => (value > greatest ? value : greatest));
}
