/**
 * How far ahead of the broker's clock a timestamp counts. Enough for any honest clock, and it keeps
 * one envelope from the year 9999 from making every later `since` read from there.
 */
const AHEAD_LIMIT = 24n * 3600n * 1_000_000_000n;

/** The earliest time that 64 bits of nanoseconds can hold, in the year 1677. */
const EARLIEST = -(2n ** 63n);

/**
 * The time that `since` compares: the envelope's timestamp, at most a day after the entry was
 * stored. In ns since 1970, within 64 bits.
 */
export function entryTime(timestamp: bigint, storedAt: bigint): bigint {
  const latest = latestEntryTime(storedAt);
  if (timestamp > latest) return latest;
  return timestamp > EARLIEST ? timestamp : EARLIEST;
}

/** The greatest possible `entryTime` of an entry stored then. */
export function latestEntryTime(storedAt: bigint): bigint {
  return storedAt + AHEAD_LIMIT;
}
