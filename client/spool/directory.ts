import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FoghornError } from '../../protocol/errors.js';
import { makeDirectories } from '../../protocol/make-directories.js';

/** LMDB's magic number, and its offset in the file: after the header of the first page. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
/** Size of both header pages with LMDB's smallest page size. */
const SMALLEST_FILE = 2 * 256;
/** More than the lock file and the data file of an unused spool. */
const NEEDED_BYTES = 64 * 1024;

/**
 * The error for a directory that cannot be a spool. `reason` says what to do, without a full stop.
 */
export function refusal(directory: string, reason: string, options?: ErrorOptions): FoghornError {
  const text = `cannot use the spool in ${directory}: ${reason}.`;
  return new FoghornError('FAILED_PRECONDITION', text, options);
}

/**
 * Creates a missing directory, for its owner alone, and checks that LMDB can use it. LMDB maps its
 * files into memory, where a foreign file or a full disk kills the process.
 *
 * @throws FoghornError FAILED_PRECONDITION, or the file system's error.
 */
export function prepareDirectory(directory: string, uid = process.getuid?.()): void {
  makeDirectories(directory, 0o700);
  checkOwner(directory, uid);
  for (const name of ['data.mdb', 'lock.mdb']) checkFile(directory, name, uid);
  const size = statSync(join(directory, 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0;
  // A first attempt on a full disk leaves an empty file.
  if (size > 0) checkDataFile(directory, size);
  if (size < NEEDED_BYTES) checkSpace(directory);
}

/** Another user who may change the directory could make this process write to any file. */
function checkOwner(directory: string, uid: number | undefined): void {
  const { uid: owner, mode } = statSync(directory);
  if (!isTrusted(owner, uid)) {
    throw refusal(directory, `it belongs to user ${owner}; give a directory of user ${uid}`);
  }
  if ((mode & constants.S_IWOTH) !== 0) {
    throw refusal(directory, 'every user may write to it; give a directory of your own');
  }
}

function checkFile(directory: string, name: string, uid: number | undefined): void {
  const file = lstatSync(join(directory, name), { throwIfNoEntry: false });
  if (file === undefined || (file.isFile() && isTrusted(file.uid, uid))) return;
  throw refusal(directory, `its ${name} is not a regular file of user ${uid}; remove it`);
}

/** Root can change every file anyway. An unknown user id means a system without them. */
function isTrusted(owner: number, uid: number | undefined): boolean {
  return uid === undefined || owner === uid || owner === 0;
}

function checkDataFile(directory: string, size: number): void {
  const page = Buffer.alloc(MAGIC_AT + 4);
  const file = openSync(join(directory, 'data.mdb'), constants.O_RDONLY | constants.O_NOFOLLOW);
  readSync(file, page, 0, page.length, 0);
  closeSync(file);
  if (size >= SMALLEST_FILE && page.readUInt32LE(MAGIC_AT) === MAGIC) return;
  throw refusal(directory, 'its data.mdb is not of a spool; give another directory');
}

function checkSpace(directory: string): void {
  const path = join(directory, `space-${process.pid}`);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  // A process with the same id may have left the file.
  rmSync(path, { force: true });
  const file = openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  try {
    writeFileSync(file, Buffer.alloc(NEEDED_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}
