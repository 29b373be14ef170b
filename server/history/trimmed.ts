import { FoghornError } from '../../protocol/errors.js';

/** What a read that begins before the first kept entry is answered with. */
export function trimmed(after: number, first: number): FoghornError {
  return new FoghornError(
    'OUT_OF_RANGE',
    `entries after offset ${after} were trimmed; the first kept is ${first}`,
  );
}
