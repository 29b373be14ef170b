import { chmod, lstat, mkdir } from 'node:fs/promises';
import { FoghornError } from '../protos/errors.js';

/**
 * Makes a directory that only this user can enter, or makes sure that the one there is such a
 * directory: in a place that everybody may write to, somebody else could have made it first.
 *
 * @throws FoghornError FAILED_PRECONDITION when it is something else or belongs to somebody else.
 */
export async function makePrivateDirectory(path: string, uid: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const stats = await lstat(path);
  if (!stats.isDirectory() || stats.uid !== uid) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `${path} is not a directory of user ${uid}: remove it, or say with --grpc where to listen`,
    );
  }
  await chmod(path, 0o700);
}
