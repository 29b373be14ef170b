import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Child } from './child.js';

const ROOT = resolve(import.meta.dirname, '../..');

let built: Promise<string> | undefined;

/**
 * The compiled command line: what users run, and much quicker to start than the sources. It is
 * compiled once, into a directory of its own, so that it is never older than the sources.
 */
export async function builtMain(): Promise<string> {
  built ??= build();
  return join(await built, 'cli/main.js');
}

/** A compiled program of the tests. @param source its path from the root, without `.ts` */
export async function builtProgram(source: string): Promise<string> {
  built ??= build();
  return join(await built, `${source}.js`);
}

async function build(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-build-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true });
  });
  for (const name of ['package.json', 'node_modules', 'protos']) {
    symlinkSync(join(ROOT, name), join(directory, name));
  }
  const dist = join(directory, 'dist');
  mkdirSync(dist);
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const config = join(import.meta.dirname, 'tsconfig.processes.json');
  // Types are checked elsewhere.
  const args = [compiler, '-p', config, '--noCheck', '--declaration', 'false', '--outDir', dist];
  await new Child(process.execPath, args).succeeded();
  copyScripts(join(ROOT, 'server'), join(dist, 'server'));
  return dist;
}

/** What the compiler leaves behind goes beside what it has compiled: the two must not be of different ages. */
function copyScripts(from: string, to: string): void {
  const filter = (path: string) => path.endsWith('.lua') || statSync(path).isDirectory();
  cpSync(from, to, { recursive: true, filter });
}
