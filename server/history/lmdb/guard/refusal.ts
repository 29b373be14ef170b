import { FoghornError } from '../../../../protocol/errors.js';

/** Advice on damage that only a copy can mend. */
export const RESTORE_ADVICE =
  'Restore it from a copy, or move the directory away to start a new history';

/**
 * The error for a directory that cannot be used as a store. `reason` says what is wrong and what to
 * do about it, without a full stop at its end.
 */
export function refusal(directory: string, reason: string, options?: ErrorOptions): FoghornError {
  return new FoghornError(
    'FAILED_PRECONDITION',
    `cannot use the store in ${directory}: ${reason}.`,
    options,
  );
}

/** Turns any failure to open a store into an error that the broker's operator can act on. */
export function openError(directory: string, error: unknown): FoghornError {
  if (error instanceof FoghornError) return error;
  const { message } = error as Error;
  if (message.startsWith('MDB_')) {
    const problem = `its data.mdb is damaged: ${message}. ${RESTORE_ADVICE}`;
    return refusal(directory, problem, { cause: error });
  }
  const advice = 'Make sure that it can be written to and that its disk has space';
  return refusal(directory, `${message}. ${advice}`, { cause: error });
}
