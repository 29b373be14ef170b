/*
 * Public entry point for authors of drivers: the contract of a store of consumers. The suite in
 * `conformance/consumers` tests a driver.
 */
export { FoghornError } from '../../protocol/errors.js';
export * from './consumer-store.js';
