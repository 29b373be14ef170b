import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FoghornError } from './errors.js';

/** The version in Foghorn's package.json, which is in a folder above this file, also when built. */
export function version(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new FoghornError('INTERNAL', 'package.json is not there');
    directory = parent;
  }
  const text = readFileSync(join(directory, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
