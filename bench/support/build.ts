import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Program } from './program.js';

const ROOT = resolve(import.meta.dirname, '../..');

let built: Promise<string> | undefined;

/**
 * A compiled program: what users run, from the sources as they are now. All are compiled at once, into a directory that is removed
 * in the end.
 *
 * @param source its path from the root, without `.ts`
 */
export async function builtProgram(source: string): Promise<string> {
  built ??= build();
  return join(await built, `${source}.js`);
}

async function build(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-bench-build-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true });
  });
  // What the compiler leaves behind is found from the root, as in an installed package; copied, since somebody may be at work on it.
  for (const name of ['protos', 'server']) {
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  }
  for (const name of ['package.json', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(directory, name));
  }
  const dist = join(directory, 'dist');
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const config = join(ROOT, 'bench/tsconfig.processes.json');
  // Types are checked elsewhere.
  const flags = ['--noCheck', '--declaration', 'false', '--outDir', dist];
  await Program.node('the compiler', [compiler, '-p', config, ...flags]).ended();
  return dist;
}
