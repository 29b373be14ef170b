import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { geteuid } from 'node:process';
import { isFileSystemDoubtful, probeFileSystem } from '../../../../protocol/lmdb-probe.js';
import { makeDirectories } from '../../../../protocol/make-directories.js';
import { createLockFile, LOCK_FILE } from './lock-file-space.js';
import { refusal } from './refusal.js';

/** Files that LMDB would create readable for everybody. */
const LMDB_FILES = ['data.mdb', LOCK_FILE];
const OTHERS = 0o077;

/** Names of the files of a store, those of its consumers included. */
const STORE_FILES = /^(data\.mdb|lock\.mdb|FOGHORN|opening|space|journal-.*|consumers.*)$/;

/**
 * Creates a missing directory. Throws FAILED_PRECONDITION when the path is not a directory, or when
 * another user could have this process write to any file, by a link in place of a file of the
 * store.
 */
export function makeDirectory(directory: string, uid = geteuid?.()): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined) {
    makeDirectories(directory, 0o750);
    return;
  }
  if (!found.isDirectory()) throw refusal(directory, 'it is a file. Expected a directory');
  // Root can change every file anyway. An unknown user id means a system without them.
  if (uid !== undefined && found.uid !== uid && found.uid !== 0) {
    const problem = `it belongs to user ${found.uid} and this process runs as user ${uid}`;
    throw refusal(directory, `${problem}. Run it as the owner, or change the owner`);
  }
  if ((found.mode & constants.S_IWOTH) !== 0) {
    throw refusal(
      directory,
      'every user may write to it. Take that right away, or name a new folder in it',
    );
  }
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isFile() || !STORE_FILES.test(entry.name)) continue;
    throw refusal(directory, `its ${entry.name} is not a regular file. Remove it`);
  }
}

/**
 * Throws FAILED_PRECONDITION when the directory's file system lacks what LMDB needs. That is tried
 * only where it is doubtful, because it takes a process.
 *
 * @param isDoubtful whether the file system is tried even if it is known to have all
 */
export function checkFileSystem(directory: string, isDoubtful: boolean): void {
  if (!isDoubtful && !isFileSystemDoubtful(directory)) return;
  const failure = probeFileSystem(directory);
  if (failure === undefined) return;
  throw refusal(
    directory,
    `its file system lacks shared memory maps or file locks, which LMDB needs (opening an empty database there failed: ${failure}). ` +
      'Use a directory on a local file system such as ext4, XFS or tmpfs, or a redis:// store',
  );
}

/**
 * Makes LMDB's files readable for their owner alone, and creates those that are missing. Throws
 * FAILED_PRECONDITION for a link, by which another user could have this process write to any file.
 */
export function restrictFiles(directory: string): void {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  for (const name of LMDB_FILES) {
    const path = join(directory, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      if (name === LOCK_FILE) createLockFile(directory);
      else closeSync(openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600));
    } else if (!found.isFile()) {
      throw refusal(directory, `its ${name} is not a regular file. Remove it`);
    } else if ((found.mode & OTHERS) !== 0) chmodSync(path, found.mode & ~OTHERS);
  }
}
