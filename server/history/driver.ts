/*
 * Public entry point for authors of drivers: the contract of an event store, and the rules that
 * every driver has to apply in the same way. The suite in `conformance/` tests a driver.
 */
export { FoghornError, type ErrorCode } from '../../protocol/errors.js';
export { checkEntries } from './check-entries.js';
export { entrySize } from './entry-size.js';
export { entryTime } from './entry-time.js';
export { isMainKey, parseReadKey, pathOf, splitPath, type ReadKey } from './key.js';
export * from './store.js';
