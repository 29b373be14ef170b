/** Maps values to distances from the origin of the axis. */
export interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** Ratio of the greatest to the least value from which an axis is logarithmic. */
const LOGARITHMIC_RATIO = 10;

/** @param values at least one, none below 0 */
export function axisOver(values: readonly number[], length: number): Axis {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return least > 0 && most / least >= LOGARITHMIC_RATIO
    ? logarithmic(least, most, length)
    : linear(most, length);
}

function logarithmic(least: number, most: number, length: number): Axis {
  const from = floorOf(least);
  const to = ceilingOf(most);
  const at = (value: number): number => (Math.log(value / from) / Math.log(to / from)) * length;
  const ticks = [from];
  for (let power = 10 ** Math.ceil(Math.log10(from)); power <= to; power *= 10) ticks.push(power);
  return { ticks: [...new Set([...ticks, to])], at };
}

/** The greatest of 1, 2 and 5 times a power of ten that does not exceed the value. */
function floorOf(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([5, 2].find((step) => step * power <= value) ?? 1);
}

function ceilingOf(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((step) => step * power >= value) ?? 10);
}

const INTERVALS = 5;

function linear(most: number, length: number): Axis {
  const step = ceilingOf((most || 1) / INTERVALS);
  const intervals = Math.ceil((most || 1) / step);
  const ticks = Array.from({ length: intervals + 1 }, (_, index) => index * step);
  return { ticks, at: (value) => (value / (intervals * step)) * length };
}
