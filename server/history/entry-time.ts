/**
 * How far a timestamp may lie ahead of the broker's clock and still count: enough for any honest clock,
 * and one envelope from the year 9999 cannot make every later `since` read from there.
 */
const AHEAD_LIMIT = 24n * 3600n * 1_000_000_000n;

/** The earliest time that 64 bits of nanoseconds can hold, in the year 1677. */
const EARLIEST = -(2n ** 63n);

/**
 * The time that `since` compares: the envelope's timestamp, but at most a day after the entry was stored.
 * All in ns since 1970, and always within 64 bits.
 */
export function entryTime(timestamp: bigint, storedAt: bigint): bigint {
  const latest = latestEntryTime(storedAt);
  if (timestamp > latest) return latest;
  return timestamp > EARLIEST ? timestamp : EARLIEST;
}

/** The greatest `entryTime` of what is stored then. */
export function latestEntryTime(storedAt: bigint): bigint {
  return storedAt + AHEAD_LIMIT;
}
