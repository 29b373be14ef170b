import { crc32 } from 'node:zlib';
import { FoghornError } from '../../../protos/errors.js';
import type { Entry } from '../store.js';
import type { Reply } from './script.js';
import { timeOfSortable } from './sortable-time.js';

/** The `i` of a row, see history.lua. */
export interface RowInfo {
  readonly storedAt: bigint;
  readonly fingerprint: number;
  /** What `Retention.bytes` counts: of all entries before it, of a commit with its own. */
  readonly total: number;
}

export function parseInfo(info: string): RowInfo {
  return {
    storedAt: timeOfSortable(info.slice(0, 20)),
    fingerprint: Number(info.slice(40, 50)),
    total: Number(info.slice(50)),
  };
}

/** The entries of a reply that has offset, i and e of each. Throws DATA_LOSS for one that is not what was stored. */
export function parseRows(reply: Reply): Entry[] {
  const parts = reply as readonly Reply[];
  const entries: Entry[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [offset, info, envelope] = parts.slice(i, i + 3) as [number, Buffer, Buffer];
    const { storedAt, fingerprint } = parseInfo(info.toString('latin1'));
    if (crc32(envelope) !== fingerprint) {
      throw new FoghornError('DATA_LOSS', `the entry at offset ${offset} is not what was stored`);
    }
    entries.push({ offset, storedAt, fingerprint, envelope });
  }
  return entries;
}
