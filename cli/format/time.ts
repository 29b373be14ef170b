import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { GO_UNITS, parseGoDuration } from '../../protocol/go-duration.js';
import { parseRfc3339 } from '../../protocol/rfc3339.js';

const SECOND = 1_000_000_000n;

/** Nanoseconds per unit of a duration: Go's units, days of 24 hours, and weeks. */
const UNITS: Readonly<Record<string, bigint>> = {
  ...GO_UNITS,
  d: 86_400n * SECOND,
  w: 7n * 86_400n * SECOND,
};

const WORDS = [
  [86_400n * SECOND, 'day'],
  [3_600n * SECOND, 'hour'],
  [60n * SECOND, 'minute'],
  [SECOND, 'second'],
] as const;

const UNIX_SECONDS = /^(-?)(\d+)(?:\.(\d{1,9}))?$/;
/** As JavaScript and Java write a time. Read as seconds it would be in the year 30,000 or later. */
const UNIX_MILLISECONDS = /^\d{13}$/;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const DATE_AND_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2})(?::(\d{2})(?::(\d{2})(\.\d{1,9})?)?)?)?([Zz]|[+-]\d{2}:\d{2})?$/;

/**
 * Parses a time into nanoseconds since 1970. Accepts:
 * - RFC 3339, also with a space, a date alone, or without seconds; local time without a zone
 * - unix seconds with a fraction, and unix milliseconds of 13 digits
 * - a duration such as `10m`, which means that long before `now`
 * - a time of today such as `10:30`, `now`, and the midnights `today` and `yesterday`
 *
 * @throws FoghornError INVALID_ARGUMENT
 */
export function parseTime(text: string, now: bigint): bigint {
  const nanoseconds =
    unixTime(text) ?? dateAndTime(text) ?? before(text, now) ?? nearToday(text, now);
  if (nanoseconds !== undefined) return nanoseconds;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `expected a time such as 2023-11-14T22:13:20Z, "2023-11-14 22:13", 1700000000.5, 10m (ago), 10:30 or yesterday, got ${quotedExcerpt(text)}`,
  );
}

/**
 * Parses a duration such as `10m`, `1h30m`, `1.5h` or `7d` into nanoseconds.
 *
 * @throws FoghornError INVALID_ARGUMENT
 */
export function parseDuration(text: string): bigint {
  const nanoseconds = parseGoDuration(text, UNITS);
  if (nanoseconds !== undefined) return nanoseconds;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `expected a duration such as 500ms, 10m, 1h30m or 7d, got ${quotedExcerpt(text)}`,
  );
}

/** Formats nanoseconds in words, down to seconds: `7 days`, `1 hour 30 minutes`, `0 seconds`. */
export function durationText(nanoseconds: bigint): string {
  const parts: string[] = [];
  let left = nanoseconds;
  for (const [unit, name] of WORDS) {
    const count = left / unit;
    left %= unit;
    if (count > 0n) parts.push(`${count} ${name}${count === 1n ? '' : 's'}`);
  }
  return parts.join(' ') || '0 seconds';
}

function before(text: string, now: bigint): bigint | undefined {
  const ago = parseGoDuration(text, UNITS);
  return ago === undefined ? undefined : now - ago;
}

/** Longer numbers take more than linear time to convert, and mean no time. */
const MAX_LENGTH = 256;

function unixTime(text: string): bigint | undefined {
  if (UNIX_MILLISECONDS.test(text)) return BigInt(text) * 1_000_000n;
  const match = text.length > MAX_LENGTH ? null : UNIX_SECONDS.exec(text);
  if (match === null) return undefined;
  const [, sign, seconds = '', fraction = ''] = match;
  const nanoseconds = BigInt(seconds + fraction.padEnd(9, '0'));
  return sign === '-' ? -nanoseconds : nanoseconds;
}

function dateAndTime(text: string): bigint | undefined {
  const match = DATE_AND_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = match;
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const instant = parseRfc3339(`${wall}${fraction}${match[8] ?? localZone(wall)}`);
  return instant && instant.seconds * SECOND + BigInt(instant.nanos);
}

/** A word for a time, or a time of today by this machine's clock. */
function nearToday(text: string, now: bigint): bigint | undefined {
  if (text === 'now') return now;
  const date = new Date(Number(now / 1_000_000n));
  const [, hour, minute, second = '0'] = CLOCK.exec(text) ?? [];
  if (hour !== undefined) date.setHours(Number(hour), Number(minute), Number(second), 0);
  else if (text === 'today') date.setHours(0, 0, 0, 0);
  else if (text === 'yesterday') {
    date.setDate(date.getDate() - 1);
    date.setHours(0, 0, 0, 0);
  } else return undefined;
  return BigInt(date.getTime()) * 1_000_000n;
}

/** Returns this machine's offset from UTC at a local time, as RFC 3339 writes it. */
function localZone(wall: string): string {
  const minutes = -new Date(wall).getTimezoneOffset();
  const hoursPart = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0');
  const minutesPart = String(Math.abs(minutes) % 60).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${hoursPart}:${minutesPart}`;
}
