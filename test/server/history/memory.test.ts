import { describeEventStore } from '../../../conformance/store/index.js';
import { MemoryStore } from '../../../server/history/memory/memory-store.js';
import { RANDOM_HISTORIES } from '../../../conformance/store/driver.js';
import { runs } from '../../support/property-runs.js';

const frame = { describe, it, beforeEach, afterEach };

describeEventStore(frame, {
  name: 'memory',
  durability: 'memory',
  persistent: false,
  damageable: false,
  randomHistories: runs(RANDOM_HISTORIES).numRuns,
  makeLocation: () =>
    Promise.resolve({
      open: (settings) => Promise.resolve(new MemoryStore(settings)),
      remove: () => Promise.resolve(),
    }),
});
