import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';

/**
 * The message of the INVALID_ARGUMENT that `work` throws; undefined if it does not throw. Other
 * errors fail the test.
 */
export function invalidArgument(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(FoghornError).with.property('code', 'INVALID_ARGUMENT');
    return (error as FoghornError).message;
  }
}
