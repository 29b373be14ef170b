import { formatRfc3339 } from '../../protocol/rfc3339.js';
import { timestampFromNanos } from '../../protocol/timestamp.js';

const NEVER = '0001-01-01T00:00:00Z';

/** Docker's text for a time in ns since 1970; undefined for never. */
export function timeText(time: bigint | undefined): string {
  if (time === undefined) return NEVER;
  return formatRfc3339(timestampFromNanos(time), 'needed') ?? NEVER;
}
