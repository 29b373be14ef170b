import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Defer } from './resources.js';

/** Of one round. */
export function temporaryDirectory(defer: Defer): string {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-bench-'));
  defer(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Of the whole run: what all rounds of a row share. */
export function directoryOfRun(): string {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-bench-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
