import { describeEventStore } from '../../conformance/index.js';
import { ArrayStore } from './array-store.js';

/** Shows that the suite tests the contract, and not how our own drivers keep it. */
describeEventStore(
  { describe, it, beforeEach, afterEach },
  {
    name: 'of a third party',
    durability: 'memory',
    persistent: false,
    damageable: false,
    makeLocation: () =>
      Promise.resolve({
        open: (settings) => Promise.resolve(new ArrayStore(settings)),
        remove: () => Promise.resolve(),
      }),
  },
);
