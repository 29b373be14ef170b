import { FoghornError } from '../../../../protocol/errors.js';

const OUT_OF_SPACE = new Set<unknown>(['ENOSPC', 'EDQUOT']);

/** Whether a write failed for lack of space, and so can be tried again. */
export function isOutOfSpace(cause: unknown): boolean {
  return OUT_OF_SPACE.has((cause as { code?: unknown }).code);
}

/** The error for callers of a commit that failed; `failure` says what did not happen. */
export function commitError(cause: unknown, directory: string, failure: string): FoghornError {
  const { message } = cause as Error;
  const options = { cause };
  if (cause instanceof FoghornError) {
    return new FoghornError('UNAVAILABLE', `${failure}: ${message}`, options);
  }
  if (isOutOfSpace(cause)) {
    return new FoghornError(
      'RESOURCE_EXHAUSTED',
      `${failure}: no space left for ${directory} (${message})`,
      options,
    );
  }
  return new FoghornError('INTERNAL', `${failure}: ${message}`, options);
}

/** Ends the process with a failure that nobody handles. */
export function throwUncaught(failure: FoghornError): void {
  queueMicrotask(() => {
    throw failure;
  });
}
