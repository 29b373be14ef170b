import { FoghornError } from '../../../../protocol/errors.js';

/** What can be done about damage. */
export const RESTORE_ADVICE =
  'Restore it from a copy, or move the directory away to start a new history';

/** Why a directory is not used as a store; `reason` is a sentence that says what to do, without its full stop. */
export function refusal(directory: string, reason: string, options?: ErrorOptions): FoghornError {
  return new FoghornError(
    'FAILED_PRECONDITION',
    `cannot use the store in ${directory}: ${reason}.`,
    options,
  );
}

/** What any failure to open a store means to the one who starts the broker. */
export function openError(directory: string, error: unknown): FoghornError {
  if (error instanceof FoghornError) return error;
  const { message } = error as Error;
  const advice = 'Make sure that it can be written to and that its disk has room';
  return refusal(directory, `${message}. ${advice}`, { cause: error });
}
