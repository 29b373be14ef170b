import { END_OF_TIME_SECONDS, GO_ZERO_TIME } from './timestamp.js';

/**
 * A moment in the form of google.protobuf.Timestamp: seconds since the Unix epoch, and 0 to
 * 999,999,999 nanoseconds.
 */
export interface Instant {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** The expectation to report when `parseRfc3339` refuses. */
export const RFC3339_EXPECTED = 'an RFC 3339 time such as 2023-11-14T22:13:20.5Z';

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** Whether protobuf allows this moment: years 1 to 9999, nanoseconds within their second. */
export function isValidInstant({ seconds, nanos }: Instant): boolean {
  const isInRange = seconds >= GO_ZERO_TIME.seconds && seconds < END_OF_TIME_SECONDS;
  return isInRange && nanos >= 0 && nanos < 1_000_000_000;
}

/**
 * Parses an RFC 3339 time with a zone and up to nine digits of fraction; undefined for other text.
 */
export function parseRfc3339(text: string): Instant | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six;
  const offset = offsetMinutes(match[8], Number(match[9] ?? 0), Number(match[10] ?? 0));
  if (offset === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // JavaScript lets a month 13 or a 30th of February roll over instead of failing.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute - offset, second);
  const instant = {
    seconds: BigInt(date.getTime() / 1000),
    nanos: Number((match[7] ?? '').padEnd(9, '0')),
  };
  return isValidInstant(instant) ? instant : undefined;
}

type Six = [number, number, number, number, number, number];

function offsetMinutes(sign: string | undefined, hours: number, minutes: number) {
  if (hours > 23 || minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * Date, time and fraction in UTC, for the caller to join: `2023-11-14`, `22:13:20`, and a fraction
 * of all nine digits (`.500000000`) or only as many as needed (`.5`, or nothing).
 * Returns undefined for a moment that `isValidInstant` refuses.
 */
export function utcParts(instant: Instant, fractionDigits: 'nine' | 'needed') {
  if (!isValidInstant(instant)) return undefined;
  const iso = isoSecond(Number(instant.seconds));
  const nine = '.' + String(instant.nanos).padStart(9, '0');
  return {
    date: iso.slice(0, 10),
    time: iso.slice(11, 19),
    fraction: fractionDigits === 'nine' ? nine : nine.replace(/\.?0+$/, ''),
  };
}

/**
 * A cache of one second: neighbours in a history mostly share theirs, and its text costs the most.
 */
let lastSecond = { seconds: 0, iso: '1970-01-01T00:00:00.000Z' };

function isoSecond(seconds: number): string {
  if (lastSecond.seconds !== seconds) {
    lastSecond = { seconds, iso: new Date(seconds * 1000).toISOString() };
  }
  return lastSecond.iso;
}

/** Formats an RFC 3339 time in UTC; undefined for a moment that `isValidInstant` refuses. */
export function formatRfc3339(
  instant: Instant,
  fractionDigits: 'nine' | 'needed',
): string | undefined {
  const parts = utcParts(instant, fractionDigits);
  return parts && `${parts.date}T${parts.time}${parts.fraction}Z`;
}
