import { cp, lstat, rm } from 'node:fs/promises';

/** Copies a store that nobody has open. A dead broker's socket is no part of it. */
export async function copyStore(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, filter: async (path) => !(await lstat(path)).isSocket() });
}

/** Makes a store as if there had never been one. */
export async function wipeStore(store: string): Promise<void> {
  await rm(store, { recursive: true });
}
