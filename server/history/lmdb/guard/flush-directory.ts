import { open } from 'node:fs/promises';

/** Flushes a directory, after which the files created in it survive a power cut. */
export async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
