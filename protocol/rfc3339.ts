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

/** Whether protobuf allows this moment: years 1 to 9999, nanoseconds within their second. */
export function isValidInstant({ seconds, nanos }: Instant): boolean {
  const isInRange = seconds >= GO_ZERO_TIME.seconds && seconds < END_OF_TIME_SECONDS;
  return isInRange && nanos >= 0 && nanos < 1_000_000_000;
}

/** `2023-11-14T22:13:20`, where each 0 stands for a digit. */
const LAYOUT = '0000-00-00T00:00:00';

const ZERO = 0x30;
const MAX_FRACTION_DIGITS = 9;

/**
 * Parses an RFC 3339 time with a zone and up to nine digits of fraction; undefined for other text.
 * Without a regular expression, because moving a history parses millions.
 */
export function parseRfc3339(text: string): Instant | undefined {
  if (!hasLayout(text)) return undefined;
  const seconds = secondsOf(text);
  let at = LAYOUT.length;
  let nanos = 0;
  if (text[at] === '.') {
    const begin = at + 1;
    at = endOfDigits(text, begin);
    const count = at - begin;
    if (count === 0 || count > MAX_FRACTION_DIGITS) return undefined;
    nanos = digits(text, begin, at) * 10 ** (MAX_FRACTION_DIGITS - count);
  }
  const offset = zoneSeconds(text, at);
  if (seconds === undefined || offset === undefined) return undefined;
  const instant = { seconds: BigInt(seconds - offset), nanos };
  return isValidInstant(instant) ? instant : undefined;
}

function hasLayout(text: string): boolean {
  for (let i = 0; i < LAYOUT.length; i++) {
    const expected = LAYOUT[i];
    const isAsExpected =
      expected === '0'
        ? isDigit(text, i)
        : text[i] === expected || (expected === 'T' && text[i] === 't');
    if (!isAsExpected) return false;
  }
  return true;
}

/** Seconds since 1970 of the date and time in UTC; undefined if there is no such day or time. */
function secondsOf(text: string): number | undefined {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // Date.UTC takes years before 100 for those of the 20th century; 400 years have 146,097 days.
  const milliseconds = Date.UTC(year + 400, month - 1, day, hour, minute, second);
  return milliseconds / 1000 - 146_097 * 86_400;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Offset of the zone that is the rest of the text; undefined if that is no zone. */
function zoneSeconds(text: string, at: number): number | undefined {
  const sign = text[at];
  if (sign === 'Z' || sign === 'z') return text.length === at + 1 ? 0 : undefined;
  if ((sign !== '+' && sign !== '-') || text.length !== at + 6 || text[at + 3] !== ':') {
    return undefined;
  }
  if (endOfDigits(text, at + 1) !== at + 3 || endOfDigits(text, at + 4) !== at + 6) {
    return undefined;
  }
  const hours = digits(text, at + 1, at + 3);
  const minutes = digits(text, at + 4, at + 6);
  if (hours > 23 || minutes > 59) return undefined;
  return (sign === '-' ? -60 : 60) * (hours * 60 + minutes);
}

function isDigit(text: string, at: number): boolean {
  const digit = text.charCodeAt(at) - ZERO;
  return digit >= 0 && digit <= 9;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text, at)) at++;
  return at;
}

/** The number that these characters are, which are digits. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) number = number * 10 + text.charCodeAt(i) - ZERO;
  return number;
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

/**
 * Formats a time in RFC 3339, or as numbers if it is outside the years that RFC 3339 can express.
 */
export function timestampJson(instant: Instant): unknown {
  const { seconds, nanos } = instant;
  return formatRfc3339(instant, 'nine') ?? { seconds: seconds.toString(), nanos };
}
