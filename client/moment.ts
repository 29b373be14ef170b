import { excerpt } from '../protocol/excerpt.js';
import { FoghornError } from '../protocol/errors.js';
import { parseRfc3339, RFC3339_EXPECTED } from '../protocol/rfc3339.js';
import { nanosFromTimestamp, timestampFromNanos } from '../protocol/timestamp.js';
import type { Timestamp } from '../protos/gen/google/protobuf/timestamp.js';

/** A time: nanoseconds since the Unix epoch, a Date, or text in RFC 3339. */
export type Moment = bigint | Date | string;

/**
 * A time in nanoseconds since the Unix epoch.
 *
 * @param name of the option, for the error
 * @throws FoghornError INVALID_ARGUMENT for text that is no time, an invalid Date, and a number
 */
export function momentNanos(moment: Moment, name: string): bigint {
  if (typeof moment === 'bigint') return moment;
  if (moment instanceof Date && !Number.isNaN(moment.getTime())) {
    return BigInt(moment.getTime()) * 1_000_000n;
  }
  const instant = typeof moment === 'string' ? parseRfc3339(moment) : undefined;
  if (instant !== undefined) return nanosFromTimestamp(instant);
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `${name} ${excerpt(String(moment))}: expected nanoseconds as a bigint, a Date, or ${RFC3339_EXPECTED}`,
  );
}

/** The time of an option as the API has it; undefined if it is missing. */
export function momentTimestamp(moment: Moment | undefined, name: string): Timestamp | undefined {
  return moment === undefined ? undefined : timestampFromNanos(momentNanos(moment, name));
}
