import { isMainKey, pathOf } from '../../key.js';
import type { StoreSettings } from '../../store.js';
import { decodeEntry, totalsOf } from '../tables/row.js';
import { LogRecord, rowsOfDamaged, type CommitRow } from './record.js';
import { RecordBuffers } from './record-buffers.js';

/**
 * The entries of a damaged record that are intact, as records of their own: one for each run of
 * consecutive entries.
 *
 * @param bytes from the start of the record, up to the next one or further
 * @param first the offset that its first entry must have
 * @param last the greatest offset that it can have
 */
export function salvage(
  bytes: Buffer,
  { first, last }: { readonly first: number; readonly last: number },
  signature: Buffer,
  classify: StoreSettings['classify'],
): LogRecord[] {
  const records: LogRecord[] = [];
  let run: CommitRow[] = [];
  const endRun = (): void => {
    if (run.length > 0) records.push(LogRecord.of(run, signature, new RecordBuffers()));
    run = [];
  };
  for (const { offset, stored, dedupeKey } of rowsOfDamaged(bytes, first, last)) {
    const entry = decodeEntry(offset, stored);
    if (entry === undefined) {
      endRun();
      continue;
    }
    // The check of a row does not cover the key beside it.
    const { key } = classify(entry.envelope);
    run.push({
      entry,
      ...totalsOf(offset, stored),
      path: key && pathOf(key),
      isMain: key !== undefined && isMainKey(key),
      dedupeKey,
    });
  }
  endRun();
  return records;
}
