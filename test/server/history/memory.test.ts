import { MemoryStore } from '../../../server/history/memory/memory-store.js';
import { describeEventStore } from '../../../conformance/store/index.js';

describeEventStore('memory', {
  durability: 'memory',
  survives: false,
  makePlace: () =>
    Promise.resolve({
      open: (settings) => Promise.resolve(new MemoryStore(settings)),
      remove: () => Promise.resolve(),
    }),
});
