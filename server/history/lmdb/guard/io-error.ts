import { FoghornError } from '../../../../protocol/errors.js';

/** The file system's, and what LMDB makes of a short write: EIO (5) or ENOSPC (28). */
const OUT_OF_SPACE = new Set<unknown>(['ENOSPC', 'EDQUOT', 5, 28]);

/** Whether this is why the file system, or LMDB, has not written something. */
export function isOutOfSpace(cause: unknown): boolean {
  return OUT_OF_SPACE.has((cause as { code?: unknown }).code);
}

/** What a failed commit means; `failure` says what has not happened. */
export function commitError(cause: unknown, directory: string, failure: string): FoghornError {
  const { message } = cause as Error;
  const options = { cause };
  if (isOutOfSpace(cause)) {
    return new FoghornError(
      'RESOURCE_EXHAUSTED',
      `${failure}: no room left for ${directory}, or its disk fails (${message})`,
      options,
    );
  }
  return new FoghornError('INTERNAL', `${failure}: ${message}`, options);
}

/** Why a batch of lmdb failed, which keeps the reason in a promise beside the error. */
export async function commitCause(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  return commitError.catch((reason: unknown) => reason);
}
