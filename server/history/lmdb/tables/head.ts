import { crc32 } from 'node:zlib';
import type { Block } from './block.js';
import { decodeEntry, envelopeOf, storedAtOf, totalsOf, type RunningTotals } from './row.js';

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

/**
 * The head at the end of a block. When its last rows are damaged, the head has the totals of the
 * newest intact one.
 */
export function headOfBlock(block: Block): Head {
  const last = block.end - 1;
  for (let offset = last; offset >= block.first; offset--) {
    const row = block.row(offset);
    if (decodeEntry(offset, row) !== undefined) return { ...headOf(offset, row), last };
  }
  return headOf(last, block.row(last));
}
