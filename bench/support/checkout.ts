import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The broker's program in a checkout that has been built with `npm run build`. */
export function builtBroker(checkout: string): string {
  return join(checkout, 'dist/cli/main.js');
}

/** @throws Error with advice if the checkout has not been built */
export function requireBuilt(checkout: string): void {
  if (existsSync(builtBroker(checkout))) return;
  throw new Error(`${checkout}: expected a checkout with a dist/: run npm run build there`);
}

/** A checkout as tables name it: its folder and, if it is a git work tree, its commit. */
export function checkoutName(checkout: string): string {
  const commit = commitOf(checkout);
  return `Foghorn in ${basename(checkout)}${commit === undefined ? '' : ` at ${commit}`}`;
}

/** Abbreviated commit of a work tree, marked if it has changes; undefined outside of one. */
export function commitOf(directory: string): string | undefined {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=10'];
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const text = execFileSync('git', args, { cwd: directory, encoding: 'utf8', stdio: [...stdio] });
    return text.trim();
  } catch {
    return undefined;
  }
}
