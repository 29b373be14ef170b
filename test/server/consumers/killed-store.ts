import { readFileSync, writeFileSync } from 'node:fs';
import type { ConsumerStore } from '../../../server/consumers/consumer-store.js';

/** Leaves the files of a store as a killed process leaves them. */
export async function kill(store: ConsumerStore, path: string): Promise<void> {
  // Closing compacts the one and removes the other, which a killed process does not.
  const files = [path, `${path}.leases`].map((file) => [file, readFileSync(file)] as const);
  await store.close();
  for (const [file, bytes] of files) writeFileSync(file, bytes);
}
