import { describeEventStore } from '../../../conformance/store/index.js';
import { MemoryStore } from '../../../server/history/memory/memory-store.js';

const frame = { describe, it, beforeEach, afterEach };

describeEventStore(frame, {
  name: 'memory',
  durability: 'memory',
  persistent: false,
  damageable: false,
  makeLocation: () =>
    Promise.resolve({
      open: (settings) => Promise.resolve(new MemoryStore(settings)),
      remove: () => Promise.resolve(),
    }),
});
