import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FoghornError } from './errors.js';

/**
 * Returns the path of a file of Foghorn's package, which is in a folder above this module wherever
 * the build puts it. Throws INTERNAL where no folder above has a package.json.
 *
 * @param path from the package's root
 */
export function packageFile(path: string): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new FoghornError('INTERNAL', 'package.json is not there');
    directory = parent;
  }
  return join(directory, path);
}
