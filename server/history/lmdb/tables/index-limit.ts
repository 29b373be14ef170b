import { decodePosition } from './dedupe-tables.js';
import { offsetOf } from './key-index.js';
import type { Tables } from './tables.js';

/** Key in the table meta of the index limit. */
const INDEX_LIMIT_KEY = 'indexed';

/**
 * Records the index limit: no index row is of an entry after this offset. Must be called in a
 * batch, before rows of such entries are put.
 */
export function putIndexLimit(meta: Tables['meta'], last: number): void {
  void meta.put(INDEX_LIMIT_KEY, String(last));
}

/**
 * Removes index rows of entries after the newest one. A checkpoint that was interrupted leaves
 * such rows, and the next one needs them unless the write-ahead log was lost meanwhile: new entries
 * take the same offsets then.
 */
export function removeIndexRowsAfter(tables: Tables, last: number): void {
  const { root, meta, keys, dedupe0, dedupe1 } = tables;
  if (Number(meta.get(INDEX_LIMIT_KEY) ?? 0) <= last) return;
  root.transactionSync(() => {
    const filed = keys.getRange({}).filter(({ value }) => offsetOf(value) > last);
    for (const { key, value } of [...filed]) keys.removeSync(key, value);
    for (const table of [dedupe0, dedupe1]) {
      const positions = table
        .getRange({})
        .filter(({ value }) => decodePosition(value).offset > last);
      for (const { key } of [...positions]) table.removeSync(key);
    }
    meta.putSync(INDEX_LIMIT_KEY, String(last));
  });
}
