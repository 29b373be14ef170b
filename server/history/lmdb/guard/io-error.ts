import { FoghornError } from '../../../../protocol/errors.js';

/** The file system's codes, and LMDB's for a short write: EIO (5) or ENOSPC (28). */
const OUT_OF_SPACE = new Set<unknown>(['ENOSPC', 'EDQUOT', 5, 28]);

/** Whether a write by the file system or LMDB failed for lack of space. */
export function isOutOfSpace(cause: unknown): boolean {
  return OUT_OF_SPACE.has((cause as { code?: unknown }).code);
}

/** The error for callers of a commit that failed; `failure` says what did not happen. */
export function commitError(cause: unknown, directory: string, failure: string): FoghornError {
  const { message } = cause as Error;
  const options = { cause };
  if (isOutOfSpace(cause)) {
    return new FoghornError(
      'RESOURCE_EXHAUSTED',
      `${failure}: no space left for ${directory}, or its disk fails (${message})`,
      options,
    );
  }
  return new FoghornError('INTERNAL', `${failure}: ${message}`, options);
}

/** The reason why an lmdb batch failed, which lmdb keeps in a promise beside the error. */
export async function commitCause(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  return commitError.catch((reason: unknown) => reason);
}
