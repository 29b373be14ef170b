import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { platform } from 'node:os';
import { join } from 'node:path';
import { FoghornError } from './errors.js';
import { makeDirectories } from './make-directories.js';

/*
 * LMDB needs shared memory maps and file locks. Where a file system lacks them, or where its file
 * is damaged, LMDB may end the process with a signal. So it is tried in a child process first,
 * which takes about 50 ms, wherever there is a reason to doubt.
 */

const PROBE_TIMEOUT_MS = 30_000;

/** Signals that a process causes itself. Any other one comes from outside, and proves nothing. */
const CRASHES: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
]);

/** Types of Linux file systems that have all that LMDB needs (statfs(2)). */
const KNOWN_FILE_SYSTEMS = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
]);

/** Opens an environment, and reads all of it if it is there. */
const PROGRAM = `
const [lmdb, path, readOnly] = process.argv.slice(1);
const root = require(lmdb).open({ path, noSubdir: false, readOnly: readOnly === '1' });
if (readOnly === '1') {
  for (const name of [...root.getKeys()]) {
    const options = { name, encoding: 'binary', keyEncoding: 'binary' };
    for (const row of root.openDB({ ...options, dupSort: name === 'keys' }).getRange({})) row;
  }
}
`;

/** Whether a file system may lack what LMDB needs. A preloaded library may take it away. */
export function isFileSystemDoubtful(directory: string): boolean {
  if (process.env.LD_PRELOAD !== undefined) return true;
  return platform() === 'linux' && !KNOWN_FILE_SYSTEMS.has(statfsSync(directory).type);
}

/**
 * Tries a new LMDB environment below a directory; returns a clause that says how that failed, if
 * it did.
 *
 * @throws FoghornError FAILED_PRECONDITION when the attempt was stopped before it could say so.
 */
export function probeFileSystem(directory: string): string | undefined {
  const path = join(directory, 'probe');
  makeDirectories(path, 0o700);
  try {
    return failureOf(directory, path, false);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Reads all of the LMDB environment in a directory; returns a clause that says how that failed, if
 * it did.
 *
 * @throws FoghornError FAILED_PRECONDITION when the attempt was stopped before it could say so.
 */
export function probeEnvironment(directory: string): string | undefined {
  return failureOf(directory, directory, true);
}

function failureOf(directory: string, path: string, isReadOnly: boolean): string | undefined {
  const lmdb = createRequire(import.meta.url).resolve('lmdb');
  const { error, status, signal, stderr } = spawnSync(
    process.execPath,
    ['-e', PROGRAM, lmdb, path, isReadOnly ? '1' : '0'],
    { stdio: ['ignore', 'ignore', 'pipe'], timeout: PROBE_TIMEOUT_MS, encoding: 'utf8' },
  );
  if (error !== undefined) throw inconclusive(directory, causeOf(error));
  if (signal !== null) {
    if (CRASHES.has(signal)) return `it ended with ${signal}`;
    throw inconclusive(directory, `was stopped with ${signal}`);
  }
  if (status === 0) return undefined;
  return /Error: (.*)/.exec(stderr)?.[1] ?? `it ended with status ${status}`;
}

function causeOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ETIMEDOUT') return `took longer than ${PROBE_TIMEOUT_MS / 1000} s`;
  return `could not be started: ${message}`;
}

function inconclusive(directory: string, cause: string): FoghornError {
  const text = `cannot tell whether LMDB works in ${directory}: the process that tried it ${cause}. Try again.`;
  return new FoghornError('FAILED_PRECONDITION', text);
}
