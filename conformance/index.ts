/*
 * Published test suites for the contracts of this project. They need chai and fast-check, which
 * are optional peer dependencies of the package, and run in any test framework.
 */
export { describeConsumerStore } from './consumers/index.js';
export type { ConsumerLocation, ConsumerStoreDriver } from './consumers/index.js';
export { describeEventStore } from './store/index.js';
export type { StoreDriver, StoreLocation, TestFrame } from './store/index.js';
