import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Moves the temporary directory of tests and their children to memory, where there is enough of it.
 * Each flush of a store to a disk blocks the process; tests survive kills, not losses of power.
 * Modules outside the tests, such as tsx, keep the directory that they have read before.
 */

/** The temporary directory on disk, for tests that depend on how long a flush takes. */
export const DISK_DIRECTORY = tmpdir();

const MEMORY = '/dev/shm';

/** Bytes free in memory that tests need at most, several times over. */
const ENOUGH_BYTES = 2 ** 30;

/** Environment variable with the directory, for the workers. */
const SHARED = 'FOGHORN_TEST_TEMP';

export function mochaGlobalSetup(): void {
  if (process.env.TMPDIR !== undefined || !isSpaceInMemory()) return;
  process.env[SHARED] = mkdtempSync(join(MEMORY, 'foghorn-'));
}

export const mochaHooks: Mocha.RootHookObject = {
  beforeAll() {
    const { [SHARED]: directory } = process.env;
    if (directory !== undefined) process.env.TMPDIR = directory;
  },
};

export function mochaGlobalTeardown(): void {
  const { [SHARED]: directory } = process.env;
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}

function isSpaceInMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}
