const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const DATE = new Intl.DateTimeFormat('en-CA');
const MILLISECONDS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** Local time of day with milliseconds; on other days the date, and the time to the second. */
export function formatTime(ms: number, now = Date.now()): string {
  const date = DATE.format(ms);
  const time = TIME.format(ms);
  const today = DATE.format(now);
  if (date === today) return time;
  const isThisYear = date.slice(0, 4) === today.slice(0, 4);
  return `${isThisYear ? date.slice(5) : date} ${time.slice(0, 8)}`;
}

/** Local date and time to the second. */
export function formatMoment(ms: number): string {
  return `${DATE.format(ms)} ${TIME.format(ms).slice(0, 8)}`;
}

/** A duration in its two largest units: `3 m 12 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const { d, h, m, s } = MILLISECONDS;
  if (ms >= d) return twoUnits(ms, [d, 'd'], [h, 'h']);
  if (ms >= h) return twoUnits(ms, [h, 'h'], [m, 'm']);
  if (ms >= m) return twoUnits(ms, [m, 'm'], [s, 's']);
  return `${Math.floor(ms / s)} s`;
}

type Unit = readonly [milliseconds: number, name: string];

function twoUnits(ms: number, [large, name]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${name}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** How long ago a time was. */
export function formatAgo(ms: number, now = Date.now()): string {
  return now - ms < 1000 ? 'just now' : `${formatDuration(now - ms)} ago`;
}

/** How long ago a time of the API was; a dash for none. */
export function agoText(time: string | null | undefined): string {
  return time ? formatAgo(Date.parse(time)) : '–';
}
