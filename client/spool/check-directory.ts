import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FoghornError } from '../../protocol/errors.js';
import { isFileSystemDoubtful, probeFileSystem } from '../../protocol/lmdb-probe.js';
import { prepareDirectory, refusal } from './directory.js';

/**
 * Creates a missing directory and checks that a spool can be in it.
 *
 * @throws FoghornError FAILED_PRECONDITION for a directory that cannot be used; see
 *   `isUnfitFileSystem`.
 */
export function checkDirectory(directory: string): void {
  try {
    prepareDirectory(directory);
  } catch (error) {
    throw error instanceof FoghornError ? error : unusable(directory, error as Error);
  }
  if (!isFileSystemDoubtful(directory)) return;
  const problem = probeIn(directory);
  if (problem === undefined) return;
  const cause = Object.assign(new Error(problem), { code: UNFIT });
  const text = `its file system lacks shared memory maps or locks: LMDB was tried, and ${problem}; give a directory on a local disk`;
  throw refusal(directory, text, { cause });
}

/** The error for a directory that the file system refuses. */
export function unusable(directory: string, cause: Error): FoghornError {
  const advice = 'Make sure that it is a directory which can be written to and has space';
  return refusal(directory, `${cause.message}. ${advice}`, { cause });
}

const UNFIT = 'ENOTSUP';

/** Probes in a directory of its own, because several processes may open one spool. */
function probeIn(directory: string): string | undefined {
  const own = mkdtempSync(join(directory, 'probe-'));
  try {
    return probeFileSystem(own);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Whether a directory was refused because no spool can be on its file system. */
export function isUnfitFileSystem(error: unknown): error is FoghornError {
  if (!(error instanceof FoghornError)) return false;
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === UNFIT;
}
