import type { Metadata } from '@grpc/grpc-js';
import { FoghornError } from '../../../protocol/errors.js';
import { parseRfc3339 } from '../../../protocol/rfc3339.js';
import type { ReadStart } from '../../broker/read-options.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import { firstValue } from '../../grpc/first-value.js';

const AFTER = 'foghorn-after';
const SINCE = 'foghorn-since';
const UNTIL = 'foghorn-until';

/** Where to start and stop, for clients of containerd's Subscribe, whose request has no field for it. */
export function readMetadata(metadata: Metadata): { start: ReadStart; until: bigint | undefined } {
  const after = firstValue(metadata, AFTER);
  const since = firstValue(metadata, SINCE);
  const until = firstValue(metadata, UNTIL);
  if (after !== undefined && since !== undefined) {
    throw new FoghornError('INVALID_ARGUMENT', `give ${AFTER} or ${SINCE}, not both`);
  }
  return {
    start: startOf(after, since, until !== undefined),
    until: until === undefined ? undefined : parseTime(UNTIL, until),
  };
}

function startOf(
  after: string | undefined,
  since: string | undefined,
  bounded: boolean,
): ReadStart {
  if (after !== undefined) return { kind: 'after', cursor: after };
  if (since !== undefined) return { kind: 'since', time: parseTime(SINCE, since) };
  // Until a time, but from when? From the beginning, as with Docker's events.
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
    `${key}: ${JSON.stringify(text)} is not a time: expected RFC 3339 or unix seconds`,
  );
}
