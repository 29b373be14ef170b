const NANOS = 1_000_000_000n;

/** Seconds with up to nine fractional digits, as protobuf's JSON writes durations. */
const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

/** 10,000 years, the limit of google.protobuf.Duration. */
const MAX_SECONDS = 315_576_000_000n;

export const DURATION_EXPECTED = 'seconds such as "3.5s", at most 315576000000';

/** A google.protobuf.Duration; seconds and nanos have the same sign. */
interface ProtoDuration {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** Parses a duration in protobuf's JSON; undefined for any other text. */
export function parseProtoDuration(text: string): ProtoDuration | undefined {
  const [, sign = '', seconds, fraction = ''] = DURATION.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const total = BigInt(seconds) * NANOS + BigInt(fraction.padEnd(9, '0'));
  const signed = sign === '-' ? -total : total;
  return { seconds: signed / NANOS, nanos: Number(signed % NANOS) };
}

export function isValidDuration({ seconds, nanos }: ProtoDuration): boolean {
  const oppositeSigns = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0);
  const inRange = seconds >= -MAX_SECONDS && seconds <= MAX_SECONDS;
  return inRange && Math.abs(nanos) < Number(NANOS) && !oppositeSigns;
}

/**
 * Formats a duration with as many fractional digits as it needs; undefined for one that protobuf
 * does not allow.
 */
export function formatProtoDuration(duration: ProtoDuration): string | undefined {
  if (!isValidDuration(duration)) return undefined;
  const { seconds, nanos } = duration;
  const total = seconds * NANOS + BigInt(nanos);
  const absolute = total < 0n ? -total : total;
  const fraction = `${absolute % NANOS}`.padStart(9, '0').replace(/0+$/, '');
  const whole = `${total < 0n ? '-' : ''}${absolute / NANOS}`;
  return fraction === '' ? `${whole}s` : `${whole}.${fraction}s`;
}
