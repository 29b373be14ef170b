import { describeEventStore } from '../../../../conformance/store/index.js';
import { KEEP_ALL } from '../../../../conformance/store/store-under-test.js';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import type { StoreSettings } from '../../../../server/history/store.js';
import { locationFor } from './lmdb-location.js';
import { RANDOM_HISTORIES } from '../../../../conformance/store/driver.js';
import { runs } from '../../../support/property-runs.js';

/** The same tests with a checkpoint after each append, because few of them outgrow the log. */
describeEventStore(
  { describe, it, beforeEach, afterEach },
  {
    name: 'lmdb, with a checkpoint after each append',
    durability: 'fsync',
    persistent: true,
    damageable: true,
    randomHistories: runs(RANDOM_HISTORIES).numRuns,
    makeLocation: () => locationFor(openCheckpointing),
  },
);

async function openCheckpointing(directory: string, settings: StoreSettings): Promise<LmdbStore> {
  const store = await LmdbStore.open(directory, settings);
  const append = store.append.bind(store);
  store.append = async (envelopes) => {
    const appended = await append(envelopes);
    // A trim checkpoints first; the store may be closed meanwhile.
    await store.trim(KEEP_ALL).catch(() => undefined);
    return appended;
  };
  return store;
}
