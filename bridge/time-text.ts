import { timestampFromNanos } from '../client/index.js';
import { formatRfc3339 } from '../protocol/rfc3339.js';

/** A time of a daemon in a message for operators. */
export function timeText(nanos: bigint): string {
  return formatRfc3339(timestampFromNanos(nanos), 'needed') ?? 'an unknown time';
}
