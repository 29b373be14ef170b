import type { DescribeResponse } from '../../../client/index.js';
import { sizeText } from '../../format/size.js';
import { durationText } from '../../format/time.js';

type Retention = NonNullable<DescribeResponse['retention']>;
type Duration = NonNullable<Retention['age']>;

/** What is kept: `7 days, 1.0 GiB of events; exits 30 days`. */
export function retentionText(retention: Retention | undefined): string {
  if (retention === undefined) return 'unknown: this broker does not tell';
  const { age, bytes, count, exitsAge } = retention;
  const limits = [
    ...(age === undefined ? [] : [spanText(age)]),
    ...(bytes === undefined ? [] : [`${sizeText(bytes)} of events`]),
    ...(count === undefined ? [] : [`${count.toLocaleString('en')} events`]),
  ];
  const events = limits.length === 0 ? 'all events' : limits.join(', ');
  return `${events}; exits ${exitsAge === undefined ? 'without limit' : spanText(exitsAge)}`;
}

/** How much of the byte budget is used: `312.4 MiB of 1.0 GiB`. */
export function budgetText({ entryBytes, retention }: DescribeResponse): string {
  const budget = retention?.bytes;
  if (budget === undefined) return `${sizeText(entryBytes)}, no limit`;
  return `${sizeText(entryBytes)} of ${sizeText(budget)}`;
}

/** The limits, null for those that are not set; null altogether when the broker does not tell. */
export function retentionJson(retention: Retention | undefined) {
  if (retention === undefined) return null;
  const { age, bytes, count, exitsAge } = retention;
  return {
    age_seconds: secondsJson(age),
    bytes: numberJson(bytes),
    count: numberJson(count),
    exits_age_seconds: secondsJson(exitsAge),
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
