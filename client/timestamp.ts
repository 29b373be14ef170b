import type { Timestamp } from '../protos/gen/google/protobuf/timestamp.js';

const NANOS_PER_SECOND = 1_000_000_000n;

/** The Timestamp for nanoseconds since the Unix epoch. */
export function timestampFromNanos(nanos: bigint): Timestamp {
  const fraction = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  return { seconds: (nanos - fraction) / NANOS_PER_SECOND, nanos: Number(fraction) };
}

/** Nanoseconds since the Unix epoch. */
export function nanosFromTimestamp({ seconds, nanos }: Timestamp): bigint {
  return seconds * NANOS_PER_SECOND + BigInt(nanos);
}
