import type { Duration } from '../protos/gen/google/protobuf/duration.js';
import type { Timestamp } from '../protos/gen/google/protobuf/timestamp.js';

const NANOS_PER_SECOND = 1_000_000_000n;

/** Nanoseconds since the Unix epoch. Nanos outside 0 … 999,999,999 carry over into the seconds, as in Go. */
export function nanosFromTimestamp({ seconds, nanos }: Timestamp): bigint {
  return seconds * NANOS_PER_SECOND + BigInt(nanos);
}

/** The Timestamp for nanoseconds since the Unix epoch; its nanos are 0 … 999,999,999 before 1970 too. */
export function timestampFromNanos(nanos: bigint): Timestamp {
  const fraction = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  return { seconds: (nanos - fraction) / NANOS_PER_SECOND, nanos: Number(fraction) };
}

/** The Duration of so many nanoseconds, 0 or more. */
export function durationFromNanos(nanos: bigint): Duration {
  return { seconds: nanos / NANOS_PER_SECOND, nanos: Number(nanos % NANOS_PER_SECOND) };
}
