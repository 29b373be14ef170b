import { crc32 } from 'node:zlib';
import { envelopeOf, storedAtOf, totalsOf, type RunningTotals } from './row.js';

/** The properties of the newest entry on which the next one depends. */
export interface Head extends RunningTotals {
  readonly last: number;
  readonly fingerprint: number;
  readonly storedAt: bigint;
}

export const EMPTY_HEAD: Head = {
  last: 0,
  fingerprint: 0,
  storedAt: 0n,
  latestTime: -(2n ** 63n),
  totalBytes: 0,
};

/** Throws DATA_LOSS when the row is too short. */
export function headOf(last: number, row: Buffer): Head {
  const fingerprint = crc32(envelopeOf(row));
  return { last, fingerprint, storedAt: storedAtOf(last, row), ...totalsOf(last, row) };
}
