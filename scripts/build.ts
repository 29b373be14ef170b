/*
 * Builds dist/ anew: the modules of the library with their types, the command line, bundled, and
 * the page.
 * Types are those of the compiler, which therefore also compiles the library.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleCommand } from './bundle.js';
import { bundlePage } from './bundle-page.js';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], {
  cwd: ROOT,
  stdio: 'inherit',
});
await bundleCommand(DIST);
await bundlePage(join(DIST, 'web'));
