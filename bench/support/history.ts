import { connect } from '../../client/index.js';

/** Rejects unless a broker's history has exactly this many entries. */
export async function checkHistory(address: string, expected: number): Promise<void> {
  const client = connect({ address });
  try {
    const { entryCount } = await client.describe();
    if (entryCount === BigInt(expected)) return;
    throw new Error(`expected ${expected} entries in the history, got ${entryCount}`);
  } finally {
    await client.close();
  }
}
