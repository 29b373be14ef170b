const SECOND = 1_000_000_000n;

/** Nanoseconds per unit of Go's durations. */
export const GO_UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // micro sign
  μs: 1_000n, // Greek mu
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3_600n * SECOND,
};

/** Longer numbers take more than linear time to convert, and mean no time. */
const MAX_LENGTH = 256;

const DURATION = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)[a-zµμ]+)+)$/;
const DURATION_PART = /(\d*)\.?(\d*)([a-zµμ]+)/g;

/**
 * Parses a duration such as `1h30m` or `-1.5h` as Go does. Returns nanoseconds, or undefined for
 * text of another form.
 *
 * @param units nanoseconds per unit
 */
export function parseGoDuration(text: string, units = GO_UNITS): bigint | undefined {
  if (text === '0') return 0n;
  if (text.length > MAX_LENGTH) return undefined;
  const [, sign, parts = ''] = DURATION.exec(text) ?? [];
  if (sign === undefined) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', name = ''] of parts.matchAll(DURATION_PART)) {
    const unit = units[name];
    if (unit === undefined) return undefined;
    total += (BigInt(whole + fraction) * unit) / 10n ** BigInt(fraction.length);
  }
  return sign === '-' ? -total : total;
}
