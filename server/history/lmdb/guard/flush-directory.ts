import { open } from 'node:fs/promises';

/** New files survive a power cut once the directory that names them is flushed. */
export async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
