import { describeConsumerStore } from '../../../conformance/consumers/index.js';
import { memoryConsumerStore } from '../../../server/consumers/memory-store.js';

const frame = { describe, it, beforeEach, afterEach };
const clock = { uptime: () => performance.now(), date: () => Date.now() };

describeConsumerStore(frame, {
  name: 'memory',
  persistent: false,
  makeLocation: () =>
    Promise.resolve({
      open: () => Promise.resolve(memoryConsumerStore(clock)),
      crash: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    }),
});
