import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Defer } from './resources.js';

/** A directory for one round. */
export function temporaryDirectory(defer: Defer): string {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-bench-'));
  defer(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** A directory for the whole run, shared by all rounds. */
export function directoryOfRun(): string {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-bench-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
