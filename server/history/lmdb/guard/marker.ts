import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flushDirectory } from './flush-directory.js';

/** Left beside the data once there is a history, so that a missing data file is not taken for a new store. */
const NAME = 'FOGHORN';

export function isMarked(directory: string): boolean {
  return existsSync(join(directory, NAME));
}

export async function mark(directory: string, epoch: string): Promise<void> {
  if (isMarked(directory)) return;
  await writeFile(join(directory, NAME), `${epoch}\n`);
  await flushDirectory(directory);
}
