import { chmod, lstat, mkdir } from 'node:fs/promises';
import { FoghornError } from '../protocol/errors.js';

/**
 * Makes a directory that only this user can enter, or makes sure that the one there is such a
 * directory: in a place that everybody may write to, somebody else could have made it first.
 *
 * @param flag what else can be given instead, for the error's text
 * @throws FoghornError FAILED_PRECONDITION when it is something else, belongs to somebody else or cannot be made.
 */
export async function makePrivateDirectory(path: string, uid: number, flag: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (await isOwnDirectory(path, uid)) {
      await chmod(path, 0o700);
      return;
    }
  } catch (error) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `cannot make ${path} (${(error as Error).message}): say with ${flag} where else`,
      { cause: error },
    );
  }
  throw new FoghornError(
    'FAILED_PRECONDITION',
    `${path} is not a directory of user ${uid}: remove it, or say with ${flag} where else`,
  );
}

/** Whether the path itself, not what it links to, is a directory of this user. Rejects when nothing is there. */
export async function isOwnDirectory(path: string, uid: number): Promise<boolean> {
  const stats = await lstat(path);
  return stats.isDirectory() && stats.uid === uid;
}
