import { MemoryStore } from '../../../server/history/memory/memory-store.js';
import { describeEventStore } from './conformance.js';

describeEventStore('memory', {
  durability: 'memory',
  survives: false,
  makePlace: () =>
    Promise.resolve({
      open: (clock) => Promise.resolve(new MemoryStore(clock)),
      remove: () => Promise.resolve(),
    }),
});
