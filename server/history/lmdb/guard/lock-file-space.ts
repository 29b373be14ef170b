import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** More bytes than LMDB's lock file and the first pages of its data file take. */
const LOCK_FILE_SPACE = Buffer.alloc(64 * 1024);

/**
 * Throws the file system's error, such as ENOSPC, when the disk has no space for LMDB's lock file.
 * LMDB writes that file through a memory map, where a full disk is a bus error and ends the
 * process.
 */
export async function ensureLockFileSpace(directory: string): Promise<void> {
  const lockFile = await stat(join(directory, 'lock.mdb')).catch(() => undefined);
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
