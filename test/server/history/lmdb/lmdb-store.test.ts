import { describeEventStore } from '../../../../conformance/store/index.js';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import { locationFor } from './lmdb-location.js';

describeEventStore(
  { describe, it, beforeEach, afterEach },
  {
    name: 'lmdb',
    durability: 'fsync',
    persistent: true,
    damageable: true,
    makeLocation: () => locationFor((directory, settings) => LmdbStore.open(directory, settings)),
  },
);
