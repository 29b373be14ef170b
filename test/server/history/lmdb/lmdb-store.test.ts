import { describeEventStore } from '../../../../conformance/store/index.js';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import { locationFor } from './lmdb-location.js';
import { RANDOM_HISTORIES } from '../../../../conformance/store/driver.js';
import { runs } from '../../../support/property-runs.js';

describeEventStore(
  { describe, it, beforeEach, afterEach },
  {
    name: 'lmdb',
    durability: 'fsync',
    persistent: true,
    damageable: true,
    randomHistories: runs(RANDOM_HISTORIES).numRuns,
    makeLocation: () => locationFor((directory, settings) => LmdbStore.open(directory, settings)),
  },
);
