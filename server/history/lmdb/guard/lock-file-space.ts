import { randomBytes } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export const LOCK_FILE = 'lock.mdb';

/** More bytes than LMDB's lock file and the first pages of its data file take. */
const LOCK_FILE_SPACE = Buffer.alloc(64 * 1024);

/**
 * Creates LMDB's lock file, which is missing, in its full size: LMDB crashes when it fails to
 * extend it. Another process that creates it at the same moment keeps its own. Throws the file
 * system's error.
 */
export function createLockFile(directory: string): void {
  const path = join(directory, `${LOCK_FILE}.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(path, LOCK_FILE_SPACE, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(path, join(directory, LOCK_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * Throws the file system's error, such as ENOSPC, when the disk has no space for LMDB's lock file.
 * LMDB writes that file through a memory map, where a full disk is a bus error and ends the
 * process.
 */
export async function ensureLockFileSpace(directory: string): Promise<void> {
  const lockFile = await stat(join(directory, LOCK_FILE)).catch(() => undefined);
  if (lockFile === undefined || lockFile.blocks === 0) await ensureSpace(directory);
}

/** Throws the file system's error when the disk has no space for a small file. */
export async function ensureSpace(directory: string): Promise<void> {
  const path = join(directory, 'space');
  const file = await open(path, 'w');
  try {
    await file.writeFile(LOCK_FILE_SPACE);
    await file.sync();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}
