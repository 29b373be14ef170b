import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** More than LMDB's lock file and the first pages of its data file. */
const LOCK_FILE_SPACE = Buffer.alloc(64 * 1024);

/**
 * Makes sure that there is room for LMDB's lock file, which it maps and writes to through the map: without room that is a
 * bus error, the end of the process. Throws the file system's error, ENOSPC above all.
 */
export async function ensureLockFileSpace(directory: string): Promise<void> {
  const lockFile = await stat(join(directory, 'lock.mdb')).catch(() => undefined);
  if (lockFile !== undefined && lockFile.blocks > 0) return;
  const path = join(directory, 'room');
  const file = await open(path, 'w');
  try {
    await file.writeFile(LOCK_FILE_SPACE);
    await file.sync();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}
