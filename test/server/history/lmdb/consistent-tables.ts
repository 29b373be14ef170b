import { expect } from 'chai';
import { EntryTable } from '../../../../server/history/lmdb/tables/entry-table.js';
import { keyRow } from '../../../../server/history/lmdb/tables/key-index.js';
import { envelopeOf } from '../../../../server/history/lmdb/tables/row.js';
import { openReadOnly } from '../../../../server/history/lmdb/tables/tables.js';
import { classify } from '../../../../conformance/store/store-under-test.js';

/**
 * Expects the tables of a closed store to agree: the key index lists exactly the stored entries,
 * and dedupe positions match the entries they name. Returns the number of dedupe positions.
 */
export async function expectConsistentTables(directory: string): Promise<number> {
  const { root, entries, exits, keys, dedupe0, dedupe1 } = await openReadOnly(directory);
  try {
    const filed = [...keys!.getRange({})].map(({ key, value }) => `${hex(key)} ${value}`);
    const all = new EntryTable(entries!).rows(1, Number.MAX_SAFE_INTEGER);
    const stored = [...all, ...exits!.getRange({})];
    const rows = stored.flatMap((row) => {
      const filing = keyRow(classify(envelopeOf(row.value)).key, row.key);
      return filing === undefined ? [] : [`${hex(filing.key)} ${filing.value}`];
    });
    expect(filed.sort()).deep.equal(rows.sort());
    const byOffset = new Map(stored.map(({ key, value }) => [key, value]));
    const records = [...dedupe0!.getRange({}), ...dedupe1!.getRange({})];
    for (const { value } of records) {
      const entry = byOffset.get(value.readDoubleBE(8));
      if (entry !== undefined) expect(hex(value.subarray(0, 8))).equal(hex(entry.subarray(0, 8)));
    }
    return records.length;
  } finally {
    await root.close();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
