import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Creates a directory and its missing parents, one at a time: Node's recursive call never returns
 * where a file system takes no directories, such as /proc. Throws the file system's error.
 *
 * @param mode rights of each directory that is created
 */
export function makeDirectories(path: string, mode = 0o777): void {
  makeAbsolute(resolve(path), mode);
}

function makeAbsolute(path: string, mode: number): void {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  makeAbsolute(parent, mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (isDirectory(path)) return;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    const text = `${code}: cannot create ${path}, because ${parent} takes no new directories`;
    throw Object.assign(new Error(text, { cause: error }), { code });
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
