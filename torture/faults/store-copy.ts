import { cp, lstat, rm } from 'node:fs/promises';

/** Copies a store that no process has open, without the socket of a dead broker. */
export async function copyStore(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, filter: async (path) => !(await lstat(path)).isSocket() });
}

/** Removes a store. */
export async function wipeStore(store: string): Promise<void> {
  await rm(store, { recursive: true });
}
