import { FoghornError } from '../../../protocol/errors.js';
import { quotedExcerpt } from '../../../protocol/excerpt.js';
import { parseRfc3339 } from '../../../protocol/rfc3339.js';
import type { SubscriptionStart } from '../../broker/read-options.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import { checkedMaxBytes } from '../entries-within.js';
import type { Call } from '../service.js';

const AFTER = 'foghorn-after';
const SINCE = 'foghorn-since';
const UNTIL = 'foghorn-until';
const MAX_BYTES = 'foghorn-max-bytes';

/**
 * Reads start and end from metadata, because containerd's SubscribeRequest has no field for them.
 * Throws INVALID_ARGUMENT for a time or a size in another form, and for two starts.
 */
export function readMetadata(call: Pick<Call, 'metadata'>): {
  start: SubscriptionStart;
  until: bigint | undefined;
  maxBytes: number;
} {
  const after = call.metadata(AFTER);
  const since = call.metadata(SINCE);
  const until = call.metadata(UNTIL);
  if (after !== undefined && since !== undefined) {
    throw new FoghornError('INVALID_ARGUMENT', `give ${AFTER} or ${SINCE}, not both`);
  }
  return {
    start: startOf(after, since, until !== undefined),
    until: until === undefined ? undefined : parseTime(UNTIL, until),
    maxBytes: maxBytesOf(call.metadata(MAX_BYTES)),
  };
}

function maxBytesOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  return checkedMaxBytes(MAX_BYTES, /^\d{1,15}$/.test(text) ? Number(text) : NaN);
}

function startOf(
  after: string | undefined,
  since: string | undefined,
  bounded: boolean,
): SubscriptionStart {
  if (after !== undefined) return { kind: 'after', cursor: after };
  if (since !== undefined) return { kind: 'since', time: parseTime(SINCE, since) };
  // A range without a start begins with the history, as with Docker's events.
  return { kind: bounded ? 'earliest' : 'now' };
}

const UNIX_SECONDS = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/;

/** ns since 1970, from RFC 3339 or unix seconds with up to nine digits of fraction. */
function parseTime(key: string, text: string): bigint {
  const [, sign, seconds, fraction = ''] = UNIX_SECONDS.exec(text) ?? [];
  if (seconds !== undefined) {
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
    return sign === '-' ? -time : time;
  }
  const instant = parseRfc3339(text);
  if (instant !== undefined) return nanosFromTimestamp(instant);
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `${key}: ${quotedExcerpt(text)} is not a time: expected RFC 3339 or unix seconds`,
  );
}
