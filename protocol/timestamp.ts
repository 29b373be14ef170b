import type { Duration } from '../protos/gen/google/protobuf/duration.js';
import type { Timestamp } from '../protos/gen/google/protobuf/timestamp.js';

const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MS = 1_000_000;

/** 0001-01-01T00:00:00Z, the earliest time that protobuf allows and the zero time of Go. */
export const GO_ZERO_TIME: Timestamp = { seconds: -62_135_596_800n, nanos: 0 };

/** `GO_ZERO_TIME` in nanoseconds since the Unix epoch. */
export const GO_ZERO_NANOS = GO_ZERO_TIME.seconds * NANOS_PER_SECOND;

/** The second after the last one that protobuf allows, 9999-12-31T23:59:59Z. */
export const END_OF_TIME_SECONDS = 253_402_300_800n;

/** `END_OF_TIME_SECONDS` in nanoseconds since the Unix epoch. */
export const END_OF_TIME_NANOS = END_OF_TIME_SECONDS * NANOS_PER_SECOND;

/**
 * Nanoseconds since the Unix epoch. Nanos outside 0 … 999,999,999 carry into the seconds, as in
 * Go.
 */
export function nanosFromTimestamp({ seconds, nanos }: Timestamp): bigint {
  return seconds * NANOS_PER_SECOND + BigInt(nanos);
}

/**
 * The Timestamp of nanoseconds since the Unix epoch. Its nanos are never negative, also before
 * 1970.
 */
export function timestampFromNanos(nanos: bigint): Timestamp {
  const fraction = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  return { seconds: (nanos - fraction) / NANOS_PER_SECOND, nanos: Number(fraction) };
}

/** The Duration of a number of nanoseconds, 0 or more. */
export function durationFromNanos(nanos: bigint): Duration {
  return { seconds: nanos / NANOS_PER_SECOND, nanos: Number(nanos % NANOS_PER_SECOND) };
}

/** The Duration of a whole number of milliseconds, 0 or more. */
export function durationFromMs(ms: number): Duration {
  return durationFromNanos(BigInt(ms) * BigInt(NANOS_PER_MS));
}

/** Whole milliseconds of a Duration, rounded up. */
export function msFromDuration({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1000 + Math.ceil(nanos / NANOS_PER_MS);
}
