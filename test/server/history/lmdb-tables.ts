import { expect } from 'chai';
import { keyRow } from '../../../server/history/lmdb/key-index.js';
import { envelopeOf } from '../../../server/history/lmdb/layout.js';
import { openReadOnly } from '../../../server/history/lmdb/tables.js';
import { filingOf } from './conformance/store-under-test.js';

/**
 * Expects the tables of a closed store to say the same: what is filed is there and the other way round. Gives how many dedupe
 * records there are.
 */
export async function expectConsistentTables(directory: string): Promise<number> {
  const { root, entries, exits, keys, dedupe, dedupeOrder } = await openReadOnly(directory);
  try {
    const filed = [...keys!.getRange({})].map(({ key, value }) => `${hex(key)} ${value}`);
    const rows = [...entries!.getRange({}), ...exits!.getRange({})].flatMap((row) => {
      const filing = keyRow(filingOf(envelopeOf(row.value)), row.key);
      return filing === undefined ? [] : [`${hex(filing.key)} ${filing.value}`];
    });
    expect(filed.sort()).deep.equal(rows.sort());
    const places = [...dedupe!.getRange({})].map(
      ({ key, value }) => `${value.readDoubleBE(8)} ${hex(value.subarray(0, 8))} ${hex(key)}`,
    );
    const order = [...dedupeOrder!.getRange({})].map(
      ({ key, value }) => `${key} ${hex(value.subarray(0, 8))} ${hex(value.subarray(8))}`,
    );
    expect(order.sort()).deep.equal(places.sort());
    return order.length;
  } finally {
    await root.close();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
