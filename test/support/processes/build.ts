import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle, bundleCommand } from '../../../scripts/bundle.js';
import { bundlePage } from '../../../scripts/bundle-page.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Environment variable with the directory of the command line that a parent process has built. */
const SHARED = 'FOGHORN_TEST_PROGRAMS';

let command: Promise<string> | undefined;
const programs = new Map<string, Promise<void>>();

/** Builds the command line now, for this process and for the children that it starts later. */
export async function shareBuild(): Promise<void> {
  process.env[SHARED] = await buildCommand();
}

/**
 * Returns the path of the command line as `npm run build` builds it, in a directory that is removed
 * at exit. Users run built code, which also starts much faster than the sources.
 */
export async function builtMain(): Promise<string> {
  return join(await builtPackage(), 'cli/main.js');
}

/**
 * Returns the path of another program, built like the command line.
 *
 * @param source path from the root, without `.ts`
 */
export async function builtProgram(source: string): Promise<string> {
  // Processes that share a command line build other programs beside each other.
  const directory = join(await builtPackage(), String(process.pid), source);
  let built = programs.get(source);
  if (built === undefined) programs.set(source, (built = bundle([`${source}.ts`], directory)));
  await built;
  return join(directory, `${source}.js`);
}

function builtPackage(): Promise<string> {
  const shared = process.env[SHARED];
  command ??= shared === undefined ? buildCommand() : Promise.resolve(shared);
  return command;
}

/** Resolves with the directory of the bundles, in a package like the published one. */
async function buildCommand(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-build-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  // Programs find .proto and .lua files from their package's root. They are copied because the
  // sources may change while the programs run.
  for (const name of ['protos', 'server']) {
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  }
  for (const name of ['package.json', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(directory, name));
  }
  const dist = join(directory, 'dist');
  await Promise.all([bundleCommand(dist), bundlePage(join(dist, 'web'))]);
  return dist;
}
