const NANOS_PER_MS = 1_000_000n;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The zone of the times that are shown. */
export type Zone = 'local' | 'utc';

/** The farthest time that a Date can have from 1970, in ms. */
const FARTHEST_MS = 8.64e15;

/**
 * A time for people: `2026-11-30 10:47:20`, which flags accept, too.
 *
 * @param time ns since 1970
 */
export function momentText(time: bigint, zone: Zone): string {
  const ms = Number(time / NANOS_PER_MS);
  if (Math.abs(ms) >= FARTHEST_MS - DAY) return '?';
  const isUtc = zone === 'utc';
  const offset = isUtc ? 0 : new Date(ms).getTimezoneOffset() * MINUTE;
  const iso = new Date(ms - offset).toISOString();
  return iso.slice(0, iso.indexOf('.')).replace('T', ' ') + (isUtc ? 'Z' : '');
}

/** Terminals below this width see times without the year. */
const YEAR_FROM_WIDTH = 100;

/** Length of `2026-`. */
const YEAR_LENGTH = 5;

/**
 * A time for a column of a table.
 *
 * @param time ns since 1970; undefined if it is not known
 * @param width columns of the terminal; undefined if lines may have any length
 */
export function momentCell(
  time: bigint | undefined,
  zone: Zone,
  width: number | undefined,
): string {
  if (time === undefined) return '-';
  const text = momentText(time, zone);
  return width !== undefined && width < YEAR_FROM_WIDTH ? text.slice(YEAR_LENGTH) : text;
}

/** A duration for people, in its two largest units: `3 m 12 s`. @param span in ns */
export function spanText(span: bigint): string {
  const ms = Number(span / NANOS_PER_MS);
  if (ms < 0) return '?';
  if (ms < SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, 'm', SECOND, 's');
  if (ms < DAY) return twoUnits(ms, HOUR, 'h', MINUTE, 'm');
  return twoUnits(ms, DAY, 'd', HOUR, 'h');
}

function twoUnits(ms: number, large: number, name: string, small: number, rest: string): string {
  const left = Math.floor((ms % large) / small);
  const first = `${Math.floor(ms / large)} ${name}`;
  return left === 0 ? first : `${first} ${left} ${rest}`;
}
