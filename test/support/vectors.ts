import { readFileSync } from 'node:fs';

/** A file of test/vectors; the caller says what is in it. */
export function vectors(name: string): unknown {
  const url = new URL(`../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}
