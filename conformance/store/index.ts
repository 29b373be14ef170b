import { describeAnyGroup } from './any-group.js';
import { describeAppend } from './append.js';
import { describeClose } from './close.js';
import { describeDamage } from './damage.js';
import { describeDedupe } from './dedupe.js';
import type { StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import { describeKeys } from './keys.js';
import { describeLasting } from './lasting.js';
import { describeModel } from './model.js';
import { describeRead } from './read.js';
import { describeReopen } from './reopen.js';
import { describeTail } from './tail.js';
import { describeTime } from './time.js';
import { describeTrim } from './trim.js';
import { describeTrimMeanwhile } from './trim-meanwhile.js';

export type { StoreDriver, StoreLocation } from './driver.js';
export type { TestFrame } from './frame.js';

const PARTS = [
  describeAppend,
  describeRead,
  describeKeys,
  describeAnyGroup,
  describeDedupe,
  describeTail,
  describeTime,
  describeTrim,
  describeLasting,
  describeTrimMeanwhile,
  describeClose,
  describeReopen,
  describeDamage,
  describeModel,
];

/**
 * Defines the tests that hold a driver to every sentence of the EventStore contract.
 *
 * @param frame the functions of the test framework that runs them
 */
export function describeEventStore(frame: TestFrame, driver: StoreDriver): void {
  frame.describe(`event store: ${driver.name}`, () => {
    for (const describePart of PARTS) describePart(frame, driver);
  });
}
