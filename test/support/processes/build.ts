import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build as transpile } from 'esbuild';
import { Child } from './child.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Folders with programs that tests start, and with all that these programs import. */
const SOURCES = [
  'protos',
  'protocol',
  'server',
  'client',
  'cli',
  'bridge',
  'conformance',
  'torture',
  'bench',
  'test',
];

/** Environment variable with the directory of programs that the parent process has compiled. */
const SHARED = 'FOGHORN_TEST_PROGRAMS';

let built: Promise<string> | undefined;

/** Compiles all programs now, for this process and for the children that it starts later. */
export async function shareBuild(): Promise<void> {
  process.env[SHARED] = await build();
}

/**
 * Returns the path of a compiled program. Users run compiled code, which also starts much faster
 * than the sources. All programs are compiled together, once per process, into a directory that is
 * removed at exit.
 *
 * @param source path from the root, without `.ts`
 */
export async function builtProgram(source: string): Promise<string> {
  const shared = process.env[SHARED];
  built ??= shared === undefined ? build() : Promise.resolve(shared);
  return join(await built, `${source}.js`);
}

/** Returns the path of the compiled command line. */
export function builtMain(): Promise<string> {
  return builtProgram('cli/main');
}

async function build(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-build-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  // Compiled code finds .proto and .lua files from its package's root. They are copied because the
  // sources may change while the programs run.
  for (const name of ['protos', 'server']) {
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  }
  for (const name of ['package.json', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(directory, name));
  }
  const dist = join(directory, 'dist');
  // esbuild takes a tenth of the compiler's time; types are checked elsewhere.
  await transpile({
    entryPoints: SOURCES.map((folder) => join(ROOT, folder, '**/*.ts')),
    outbase: ROOT,
    outdir: dist,
    format: 'esm',
    platform: 'node',
    tsconfig: join(ROOT, 'tsconfig.json'),
  });
  await new Child('sh', ['-c', finishingCommands()], { cwd: directory }).succeeded();
  return dist;
}

/** The commands that `npm run build` runs after the compiler. */
function finishingCommands(): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { build: string };
  };
  const [, ...commands] = scripts.build.split('&&');
  return commands.join('&&');
}
