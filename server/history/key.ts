/*
 * Keys of entries. An entry is appended under one key or none:
 *
 *     GROUP NUL NAME        an entry of a name in a group
 *     GROUP NUL NAME NUL    one of the main entries of that name
 *
 * Group and name are not empty, contain no NUL, and have at most 1024 bytes of UTF-8 together.
 * These keys can be read:
 *
 *     GROUP NUL NAME        all entries of the name in the group
 *     GROUP NUL NAME NUL    its main entries only
 *     NUL NAME              all entries of the name, whatever the group
 *     NUL NAME NUL          their main entries only
 *
 * The main entries of a name are usually few, so they can be read without the many others.
 */

const NUL = '\0';

/** Whether a key stands for main entries. */
export function isMainKey(key: string): boolean {
  return key.endsWith(NUL);
}

/** Returns `GROUP NUL NAME` of a key. */
export function pathOf(key: string): string {
  return isMainKey(key) ? key.slice(0, -1) : key;
}

/** The parts of a key that is read. */
export interface ReadKey {
  /** `GROUP NUL NAME`; undefined for the name in every group. */
  readonly path: string | undefined;
  readonly name: string;
  readonly mainOnly: boolean;
}

export function parseReadKey(key: string): ReadKey {
  const path = pathOf(key);
  const { group, name } = splitPath(path);
  return { path: group === '' ? undefined : path, name, mainOnly: isMainKey(key) };
}

export function splitPath(path: string): { group: string; name: string } {
  const end = path.indexOf(NUL);
  return end === -1
    ? { group: path, name: '' }
    : { group: path.slice(0, end), name: path.slice(end + 1) };
}

export function joinPath(group: string, name: string): string {
  return group + NUL + name;
}
