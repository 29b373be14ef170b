import { chmod, lstat } from 'node:fs/promises';
import { FoghornError } from '../protocol/errors.js';
import { makeDirectories } from '../protocol/make-directories.js';

/**
 * Creates a directory that only this user can enter, or checks that an existing one belongs to the
 * user: where everybody may write, another user could have created it first.
 *
 * @param flag the flag that names another directory, for the error's text
 * @throws FoghornError FAILED_PRECONDITION when the path is not a directory, belongs to another
 * user
 *   or cannot be created.
 */
export async function makePrivateDirectory(path: string, uid: number, flag: string): Promise<void> {
  try {
    makeDirectories(path, 0o700);
    if (await isOwnDirectory(path, uid)) {
      await chmod(path, 0o700);
      return;
    }
  } catch (error) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `cannot create ${path} (${(error as Error).message}): name another path with ${flag}`,
      { cause: error },
    );
  }
  throw new FoghornError(
    'FAILED_PRECONDITION',
    `${path} is not a directory of user ${uid}: remove it, or name another path with ${flag}`,
  );
}

/**
 * Whether the path itself, not the target of a link, is a directory of this user. Rejects when the
 * path does not exist.
 */
export async function isOwnDirectory(path: string, uid: number): Promise<boolean> {
  const stats = await lstat(path);
  return stats.isDirectory() && stats.uid === uid;
}
