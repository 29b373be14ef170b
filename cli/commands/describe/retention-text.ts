import type { DescribeResponse } from '../../../client/index.js';
import { sizeText } from '../../format/size.js';
import { durationText } from '../../format/time.js';

type ReportedRetention = NonNullable<DescribeResponse['retention']>;
type Duration = NonNullable<ReportedRetention['age']>;

/** Formats the limits: `7 days, 1.0 GiB of events; exits 30 days, 512.0 MiB`. */
export function retentionText(retention: ReportedRetention | undefined): string {
  if (retention === undefined) return 'unknown: the broker does not report it';
  const { age, bytes, count, exitsAge, exitsBytes } = retention;
  const limits = [
    ...(age === undefined ? [] : [spanText(age)]),
    ...(bytes === undefined ? [] : [`${sizeText(bytes)} of events`]),
    ...(count === undefined ? [] : [`${count.toLocaleString('en')} events`]),
  ];
  const events = limits.length === 0 ? 'all events' : limits.join(', ');
  const exitLimits = [
    ...(exitsAge === undefined ? [] : [spanText(exitsAge)]),
    ...(exitsBytes === undefined ? [] : [sizeText(exitsBytes)]),
  ];
  return `${events}; exits ${exitLimits.length === 0 ? 'without limit' : exitLimits.join(', ')}`;
}

/** Formats the use of the byte budget: `312.4 MiB of 1.0 GiB`. */
export function budgetText({ entryBytes, retention }: DescribeResponse): string {
  const budget = retention?.bytes;
  if (budget === undefined) return `${sizeText(entryBytes)}, no limit`;
  return `${sizeText(entryBytes)} of ${sizeText(budget)}`;
}

/**
 * Returns the limits for JSON: null for one that is not set, or if the broker does not report them.
 */
export function retentionJson(retention: ReportedRetention | undefined) {
  if (retention === undefined) return null;
  const { age, bytes, count, exitsAge, exitsBytes } = retention;
  return {
    age_seconds: secondsJson(age),
    bytes: numberJson(bytes),
    count: numberJson(count),
    exits_age_seconds: secondsJson(exitsAge),
    exits_bytes: numberJson(exitsBytes),
  };
}

function spanText({ seconds, nanos }: Duration): string {
  return durationText(seconds * 1_000_000_000n + BigInt(nanos));
}

function secondsJson(duration: Duration | undefined): number | null {
  return duration === undefined ? null : Number(duration.seconds) + duration.nanos / 1e9;
}

function numberJson(value: bigint | undefined): number | null {
  return value === undefined ? null : Number(value);
}
