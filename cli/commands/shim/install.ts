import { access, chmod, constants, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { FoghornError } from '../../../protocol/errors.js';
import { makeDirectories } from '../../../protocol/make-directories.js';
import { defaultAddress } from '../../defaults.js';
import { flag } from '../../flags.js';
import { write } from '../../terminal.js';
import type { Terminal } from '../../terminal.js';
import { wrapperScript } from './wrapper.js';

const HELP = `
Writes containerd-shim-NAME-v2, a wrapper that runs the real shim of a runtime with TTRPC_ADDRESS set
to the broker's ttrpc socket. While no broker listens there, the shim publishes to containerd as
usual. The broker passes on to containerd what it gets (see serve --relay).

Examples:
  foghorn shim install
  ctr run --runtime io.containerd.foghorn.v2 docker.io/library/busybox:latest web
  foghorn shim install --runtime kata --name kata-foghorn
  foghorn shim install --runtime runsc --dir /opt/foghorn/bin`;

/** A name as it can stand in \`io.containerd.NAME.v2\`. */
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

const PROGRAM_MODE = 0o755;

interface InstallFlags {
  readonly runtime: string;
  readonly name?: string;
  readonly dir: string;
  readonly ttrpc: string;
}

/** `foghorn shim install`: writes the wrapper of a shim. */
export function addShimInstall(shim: Command, terminal: Terminal): void {
  const socket = `${defaultAddress(terminal.surroundings)}.ttrpc`;
  shim
    .command('install')
    .description('write a shim that publishes to the broker')
    .configureHelp({ showGlobalOptions: false })
    .addOption(
      flag('--runtime <NAME>', 'runtime whose shim does the work', parseName).default('runc'),
    )
    .addOption(
      flag(
        '--name <NAME>',
        'name of the new runtime (default: "foghorn", or foghorn-RUNTIME)',
        parseName,
      ),
    )
    .addOption(
      new Option('--dir <DIR>', "directory in the PATH of containerd's service").default(
        '/usr/local/bin',
      ),
    )
    .addOption(
      flag('--ttrpc <ADDR>', "the broker's ttrpc address, see serve --ttrpc", parseSocket)
        .env('FOGHORN_TTRPC')
        .default(socket),
    )
    .addHelpText('after', HELP)
    .action(async (flags: InstallFlags) => {
      await install(flags, terminal);
    });
}

async function install(
  { runtime, name = defaultName(runtime), dir, ttrpc }: InstallFlags,
  { stdout, surroundings }: Terminal,
): Promise<void> {
  const wrapper = join(resolve(dir), shimName(name));
  const shim = await findShim(shimName(runtime), wrapper, surroundings.env.PATH ?? '');
  await checkReplaceable(wrapper);
  const script = wrapperScript(shim, parseSocket(ttrpc));
  try {
    makeDirectories(dir);
    // Replaced at once: containerd may start the shim at any moment.
    const draft = `${wrapper}.new`;
    await writeFile(draft, script);
    await chmod(draft, PROGRAM_MODE);
    await rename(draft, wrapper);
  } catch (cause) {
    throw cannotInstall(wrapper, (cause as Error).message, cause);
  }
  await write(stdout, usage(wrapper, shim, name));
}

function usage(wrapper: string, shim: string, name: string): string {
  return `wrote ${wrapper}, which runs ${shim}
use it as the runtime io.containerd.${name}.v2, for example:
  ctr run --runtime io.containerd.${name}.v2 IMAGE NAME
`;
}

function defaultName(runtime: string): string {
  return runtime === 'runc' ? 'foghorn' : `foghorn-${runtime}`;
}

function shimName(runtime: string): string {
  return `containerd-shim-${runtime}-v2`;
}

/** Looks in the PATH, but never finds the wrapper itself. */
async function findShim(program: string, wrapper: string, path: string): Promise<string> {
  for (const directory of path.split(delimiter)) {
    const candidate = resolve(directory, program);
    if (directory === '' || candidate === wrapper) continue;
    if (await isExecutable(candidate)) return candidate;
  }
  throw new FoghornError('NOT_FOUND', `cannot find ${program} in the PATH: install the runtime`);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A file of another program stays. */
async function checkReplaceable(wrapper: string): Promise<void> {
  const found = await readFile(wrapper, 'latin1').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw cannotInstall(wrapper, message, error);
  });
  if (found === undefined || found.includes('`foghorn shim install`')) return;
  throw cannotInstall(wrapper, 'it is a program of its own; choose another --name or --dir');
}

function cannotInstall(wrapper: string, reason: string, cause?: unknown): FoghornError {
  return new FoghornError('FAILED_PRECONDITION', `cannot write ${wrapper}: ${reason}`, { cause });
}

function parseName(text: string): string {
  if (NAME.test(text)) return text;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected a name such as runc or kata-qemu.');
}

function parseSocket(text: string): string {
  const path = /^(?:unix:(?:\/\/)?)?(\/[^/].*)$/.exec(text)?.[1];
  if (path !== undefined) return path;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected unix:///path.');
}
