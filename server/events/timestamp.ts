import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';

const NANOS_PER_SECOND = 1_000_000_000n;

/** Nanoseconds since 1970. Nanos outside 0 … 999,999,999 carry over into the seconds, as in Go. */
export function nanosecondsOf(timestamp: Timestamp): bigint {
  return timestamp.seconds * NANOS_PER_SECOND + BigInt(timestamp.nanos);
}

/** The protobuf form of a time in nanoseconds since 1970; nanos are 0 … 999,999,999 before 1970 too. */
export function timestampOf(nanoseconds: bigint): Timestamp {
  const nanos = ((nanoseconds % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  return { seconds: (nanoseconds - nanos) / NANOS_PER_SECOND, nanos: Number(nanos) };
}
