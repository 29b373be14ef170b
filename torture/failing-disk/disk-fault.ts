import { join } from 'node:path';
import type { Random } from '../random.js';

/** System calls of one kind, as strace names them. */
const CALLS = {
  write: 'write,pwrite64,writev,pwritev',
  flush: 'fsync,fdatasync',
  truncate: 'ftruncate,fallocate',
  open: 'openat',
} as const;

const LOG = ['journal-0', 'journal-1', 'journal-seal'];
const TABLES = ['data.mdb', 'lock.mdb'];
const FILES = { log: LOG, tables: TABLES, all: [...LOG, ...TABLES, 'FOGHORN'] } as const;

/** System calls on some files that fail. */
export interface DiskFault {
  readonly call: keyof typeof CALLS;
  readonly files: keyof typeof FILES;
  readonly error: 'EIO' | 'ENOSPC';
  /** The calls that fail, by number, as strace takes it. */
  readonly when: string;
}

/** Most calls before the first one that fails, as a power of two: a life has few flushes. */
const MAX_SKIPPED = { write: 6, flush: 4, truncate: 1, open: 2 };

const DRAWN_CALLS = ['write', 'write', 'write', 'flush', 'flush', 'truncate', 'open'] as const;

export function drawFault(random: Random): DiskFault {
  const call = random.pick(DRAWN_CALLS);
  const first = Math.floor(2 ** (random.next() * MAX_SKIPPED[call]));
  const more = random.between(1, 5);
  return {
    call,
    files: random.pick(['log', 'tables', 'all'] as const),
    error: random.pick(['EIO', 'ENOSPC'] as const),
    when: random.pick([`${first}`, `${first}+`, `${first}..${first + more}`]),
  };
}

/** A command line that runs another one, and lets calls on the files of a store fail in it. */
export function underFault(
  { call, files, error, when }: DiskFault,
  directory: string,
  trace: string,
): string[] {
  const calls = CALLS[call];
  const paths = FILES[files].flatMap((name) => ['-P', join(directory, name)]);
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${when}`];
  return ['strace', '-f', '--seccomp-bpf', '-qq', '-o', trace, ...inject, ...paths];
}

export function faultText({ call, files, error, when }: DiskFault): string {
  return `${error} for ${call} ${when} on ${files}`;
}
