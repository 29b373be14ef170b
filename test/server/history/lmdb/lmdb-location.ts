import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreLocation } from '../../../../conformance/store/index.js';
import type { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import type { StoreSettings } from '../../../../server/history/store.js';
import { damageText } from './store-directory.js';

/** Creates a temporary directory for a store that `open` opens there. */
export async function locationFor(
  open: (directory: string, settings: StoreSettings) => Promise<LmdbStore>,
): Promise<StoreLocation> {
  const directory = await mkdtemp(join(tmpdir(), 'foghorn-history-'));
  return {
    open: (settings) => open(directory, settings),
    damage: (text) => damageText(directory, text),
    remove: () => rm(directory, { recursive: true }),
  };
}
