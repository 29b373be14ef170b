import { FoghornError } from '../../../protocol/errors.js';
import { quotedExcerpt } from '../../../protocol/excerpt.js';
import { parseRfc3339 } from '../../../protocol/rfc3339.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';

/*
 * Values of query parameters. Each function throws INVALID_ARGUMENT with the parameter's name and
 * what was expected. Of a parameter that is given twice, the first value counts.
 */

const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MILLISECOND = 1_000_000n;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Refuses unknown parameters, because a misspelt filter would pass everything. */
export function checkNames(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      const expected =
        known.length === 0 ? 'no parameter' : `one of the parameters ${known.join(', ')}`;
      throw invalidQuery(quotedExcerpt(name), expected);
    }
  }
}

/** A whole number within bounds; undefined if absent. */
export function parseCount(
  query: URLSearchParams,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const count = Number(text);
  if (/^\d{1,15}$/.test(text) && count >= min && count <= max) return count;
  throw invalidQuery(name, `a whole number from ${min} to ${max}`, text);
}

/** `true`, `false`, or the name alone for true; undefined if absent. */
export function parseFlag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (text === '' || text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw invalidQuery(name, 'true or false', text);
}

/**
 * A time in ns since 1970: RFC 3339, unix seconds with a fraction (13 digits are milliseconds), a
 * duration before now, or `now`. Undefined if absent.
 */
export function parseTimeParameter(
  query: URLSearchParams,
  name: string,
  now: bigint,
): bigint | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const time = text === 'now' ? now : (instant(text) ?? unixTime(text) ?? before(text, now));
  if (time !== undefined) return time;
  throw invalidQuery(name, 'a time such as 2026-01-02T15:04:05Z, 1700000000.5 or 10m (ago)', text);
}

/** A duration in milliseconds, such as `500ms`, `30s` or `10m`; undefined if absent. */
export function parseDurationParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = milliseconds(text);
  if (ms !== undefined) return ms;
  throw invalidQuery(name, 'a duration such as 500ms, 30s or 10m', text);
}

/** A span of time: `since` and `until`. */
export function parseSpan(
  query: URLSearchParams,
  now: bigint,
): { readonly since: bigint | undefined; readonly until: bigint | undefined } {
  const until = parseTimeParameter(query, 'until', now);
  const since = parseTimeParameter(query, 'since', now);
  if (since === undefined || until === undefined || since <= until) return { since, until };
  throw invalidQuery('until', 'a time that is not before since');
}

export function invalidQuery(name: string, expected: string, found?: string): FoghornError {
  const got = found === undefined ? '' : `, got ${quotedExcerpt(found)}`;
  return new FoghornError('INVALID_ARGUMENT', `${name}: expected ${expected}${got}`);
}

function instant(text: string): bigint | undefined {
  const found = parseRfc3339(text);
  return found && nanosFromTimestamp(found);
}

function unixTime(text: string): bigint | undefined {
  if (/^\d{13}$/.test(text)) return BigInt(text) * NANOS_PER_MILLISECOND;
  const [, seconds, fraction = ''] = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  return BigInt(seconds) * NANOS_PER_SECOND + BigInt(fraction.padEnd(9, '0'));
}

function before(text: string, now: bigint): bigint | undefined {
  const ago = milliseconds(text);
  return ago === undefined ? undefined : now - BigInt(ago) * NANOS_PER_MILLISECOND;
}

function milliseconds(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0);
}
