import { build } from 'esbuild';
import { chmodSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** The command line, from the root. */
export const COMMAND = 'cli/main.ts';

/**
 * Bundles programs into a directory, each with its path in the tree. What is imported dynamically,
 * or by several programs, is in chunks of its own, so that a process loads only what it runs: few
 * files start much faster than hundreds of modules. Packages stay outside, and names are kept, so
 * that stack traces are readable without source maps.
 *
 * @param programs paths from the root; patterns are possible
 */
export async function bundle(programs: readonly string[], directory: string): Promise<void> {
  await build({
    entryPoints: programs.map((program) => join(ROOT, program)),
    outbase: ROOT,
    outdir: directory,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    tsconfig: join(ROOT, 'tsconfig.json'),
  });
}

/** Bundles the command line, and makes it executable. */
export async function bundleCommand(directory: string): Promise<void> {
  await bundle([COMMAND], directory);
  chmodSync(join(directory, 'cli/main.js'), 0o755);
}
