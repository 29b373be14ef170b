import { FoghornError } from '../../../protos/errors.js';

/** The file system's, and what LMDB makes of a short write: EIO (5) or ENOSPC (28). */
const NO_ROOM = new Set<unknown>(['ENOSPC', 'EDQUOT', 5, 28]);

/** What a failed commit means; `failure` says what has not happened. lmdb keeps the reason in a promise beside the error. */
export async function commitError(
  error: unknown,
  directory: string,
  failure: string,
): Promise<FoghornError> {
  const cause = await reasonOf(error);
  const { code, message } = cause as Error & { code?: unknown };
  const options = { cause };
  if (NO_ROOM.has(code)) {
    return new FoghornError(
      'RESOURCE_EXHAUSTED',
      `${failure}: no room left for ${directory}, or its disk fails (${message})`,
      options,
    );
  }
  return new FoghornError('INTERNAL', `${failure}: ${message}`, options);
}

async function reasonOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  return commitError.catch((reason: unknown) => reason);
}
