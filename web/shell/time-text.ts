const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const DATE = new Intl.DateTimeFormat('en-CA');
const MILLISECONDS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** Local time of day with milliseconds; with the date if that is not today. */
export function formatTime(ms: number, now = Date.now()): string {
  const date = DATE.format(ms);
  const time = TIME.format(ms);
  return date === DATE.format(now) ? time : `${date} ${time}`;
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
  if (ms >= d) return `${Math.floor(ms / d)} d ${Math.floor((ms % d) / h)} h`;
  if (ms >= h) return `${Math.floor(ms / h)} h ${Math.floor((ms % h) / m)} m`;
  if (ms >= m) return `${Math.floor(ms / m)} m ${Math.floor((ms % m) / s)} s`;
  return `${Math.floor(ms / s)} s`;
}

/** How long ago a time was. */
export function formatAgo(ms: number, now = Date.now()): string {
  return now - ms < 1000 ? 'just now' : `${formatDuration(now - ms)} ago`;
}

/** How long ago a time of the API was; a dash for none. */
export function agoText(time: string | null | undefined): string {
  return time ? formatAgo(Date.parse(time)) : '–';
}
