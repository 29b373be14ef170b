import type { TestFrame } from '../store/index.js';
import { describeDefinitions } from './definitions.js';
import type { ConsumerStoreDriver } from './driver.js';
import { describeLeases } from './leases.js';
import { describeParking } from './parking.js';

export type { ConsumerLocation, ConsumerStoreDriver } from './driver.js';

/**
 * Defines the tests that hold a driver to the ConsumerStore contract.
 *
 * @param frame the functions of the test framework that runs them
 */
export function describeConsumerStore(frame: TestFrame, driver: ConsumerStoreDriver): void {
  frame.describe(`consumer store: ${driver.name}`, () => {
    for (const part of [describeDefinitions, describeLeases, describeParking]) part(frame, driver);
  });
}
