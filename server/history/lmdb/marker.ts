import { existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Left beside the data once there is a history, so that a missing data file is not taken for a new store. */
const NAME = 'FOGHORN';

export function isMarked(directory: string): boolean {
  return existsSync(join(directory, NAME));
}

export async function mark(directory: string, epoch: string): Promise<void> {
  if (isMarked(directory)) return;
  await writeFile(join(directory, NAME), `${epoch}\n`);
  // New files survive a power cut once the directory that names them is flushed.
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
