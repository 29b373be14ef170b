import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flushDirectory } from './flush-directory.js';

/** Written once a history exists, so that a missing data file is not mistaken for a new store. */
const MARKER_FILE = 'FOGHORN';

export function hasMarker(directory: string): boolean {
  return existsSync(join(directory, MARKER_FILE));
}

export async function writeMarker(directory: string, epoch: string): Promise<void> {
  if (hasMarker(directory)) return;
  await writeFile(join(directory, MARKER_FILE), `${epoch}\n`, { mode: 0o600 });
  await flushDirectory(directory);
}
