import { spawnSync } from 'node:child_process';

/** System calls on an event's way, at the n-th of which a broker can be killed. */
export const BROKER_KILL_POINTS = {
  'before a write': 'pwrite64',
  'between write and flush': 'fdatasync',
  'after the flush, before the answer': 'writev',
} as const;

/**
 * The same for a Redis that flushes every write before it answers. It uses one system call for its
 * log and its clients.
 */
export const REDIS_KILL_POINTS = {
  'before a write or an answer': 'write',
  'between write and flush': 'fdatasync',
} as const;

export type BrokerKillPoint = keyof typeof BROKER_KILL_POINTS;
export type RedisKillPoint = keyof typeof REDIS_KILL_POINTS;

type SystemCall =
  (typeof BROKER_KILL_POINTS)[BrokerKillPoint] | (typeof REDIS_KILL_POINTS)[RedisKillPoint];

/** Returns whether strace is installed and may trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
}

/**
 * Returns the command that runs another one and kills it at a point. The traced process stays our
 * own child, so that signals and exit codes are those of the process.
 *
 * @param calls number of system calls of one thread before it is killed
 */
export function killedAt(call: SystemCall, calls: number): string[] {
  return ['strace', '-D', ...injection(call, calls)];
}

/** Returns the command that does the same to a running process and exits with it. */
export function killingAt(call: SystemCall, calls: number, pid: number): string[] {
  return ['strace', ...injection(call, calls), '-p', `${pid}`];
}

function injection(call: SystemCall, calls: number): string[] {
  const when = `inject=${call}:signal=SIGKILL:when=${calls}`;
  return ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', when];
}
