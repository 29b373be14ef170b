import { readFileSync } from 'node:fs';

/** Reads a file of test/vectors; the caller states its type. */
export function vectors(name: string): unknown {
  const url = new URL(`../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}
