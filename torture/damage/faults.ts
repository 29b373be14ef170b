import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../random.js';

/** The files of a store that outlive its process. */
const FILES = ['data.mdb', 'journal-0', 'journal-1', 'journal-seal', 'FOGHORN'] as const;

/** Damages a store; returns a sentence that says what was damaged. */
export type Fault = (directory: string, random: Random) => string;

/** Flips one bit. Most of the flips are in the large files. */
export const flipBit: Fault = (directory, random) => {
  const name = random.chance(0.6) ? 'data.mdb' : random.pick(FILES);
  const path = join(directory, name);
  const bytes = readFileSync(path);
  if (bytes.length === 0) return flipBit(directory, random);
  const at = random.between(0, bytes.length - 1);
  const bit = random.between(0, 7);
  bytes[at]! ^= 1 << bit;
  writeFileSync(path, bytes);
  return `bit ${bit} of byte ${at} of ${name}`;
};

/** Cuts a file anywhere. */
export const cutFile: Fault = (directory, random) => {
  const name = random.pick(FILES);
  const path = join(directory, name);
  const { size } = statSync(path);
  if (size === 0) return cutFile(directory, random);
  const left = random.between(0, size - 1);
  truncateSync(path, left);
  return `${name} cut from ${size} to ${left} bytes`;
};
