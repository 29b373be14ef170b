const NANOS_PER_SECOND = 1_000_000_000n;

const DAY = 24;
const WEEK = 7 * DAY;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;

/** Formats a duration in ns like `docker ps`: `About a minute`, `3 hours`, `2 weeks`. */
export function humanDuration(nanos: bigint): string {
  const seconds = Number(nanos / NANOS_PER_SECOND);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  // Only hours are rounded.
  const hours = Math.round(seconds / 3600);
  if (hours === 1) return 'About an hour';
  if (hours < 2 * DAY) return `${hours} hours`;
  if (hours < 2 * WEEK) return `${Math.floor(hours / DAY)} days`;
  if (hours < 2 * MONTH) return `${Math.floor(hours / WEEK)} weeks`;
  if (hours < 2 * YEAR) return `${Math.floor(hours / MONTH)} months`;
  return `${Math.floor(seconds / 3600 / YEAR)} years`;
}
