/** A span of time, ms, on a width of pixels. */
export interface TimeScale {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** The narrowest span that zooming reaches, ms. */
const MIN_SPAN = 100;
/** px between two ticks, at least. */
const TICK_DISTANCE = 110;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[10, 50, 100, 250, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND],
  ...[MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY],
];

export function toX({ from, to, width }: TimeScale, time: number): number {
  return ((time - from) / (to - from)) * width;
}

export function toTime({ from, to, width }: TimeScale, x: number): number {
  return from + (x / width) * (to - from);
}

/** Moves the span by pixels. */
export function pan(scale: TimeScale, pixels: number): TimeScale {
  const by = (pixels / scale.width) * (scale.to - scale.from);
  return { ...scale, from: scale.from + by, to: scale.to + by };
}

/** Makes the span `factor` times as long; the time below `x` stays there. */
export function zoom(scale: TimeScale, factor: number, x: number): TimeScale {
  const fixed = toTime(scale, x);
  const span = Math.max(MIN_SPAN, (scale.to - scale.from) * factor);
  const share = x / scale.width;
  return { ...scale, from: fixed - span * share, to: fixed + span * (1 - share) };
}

/**
 * Keeps the history in sight: it covers a tenth of the span at least, and half of the widest one.
 */
export function within(scale: TimeScale, history: { from: number; to: number }): TimeScale {
  const whole = Math.max(MIN_SPAN, history.to - history.from);
  const span = Math.min(scale.to - scale.from, whole * 2);
  const from = Math.min(Math.max(scale.from, history.from - span * 0.9), history.to - span * 0.1);
  return { ...scale, from, to: from + span };
}

/** Round local times along the scale, and the step between them, ms. */
export function ticks({ from, to, width }: TimeScale): { step: number; times: number[] } {
  const wanted = ((to - from) / width) * TICK_DISTANCE;
  const step = STEPS.find((candidate) => candidate >= wanted) ?? Math.ceil(wanted / DAY) * DAY;
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from - zone) / step) * step + zone;
  const times = [];
  for (let time = first; time <= to; time += step) times.push(time);
  return { step, times };
}

const WITH_MILLISECONDS = new Intl.DateTimeFormat(undefined, {
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const WITH_SECONDS = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const WITH_MINUTES = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const DATES = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

export function tickText(time: number, step: number): string {
  if (step < SECOND) return WITH_MILLISECONDS.format(time);
  if (step < MINUTE) return WITH_SECONDS.format(time);
  const date = new Date(time);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return step >= DAY || isMidnight ? DATES.format(time) : WITH_MINUTES.format(time);
}
