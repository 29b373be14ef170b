import { spawnSync } from 'node:child_process';

/** Moments on the way of an event at which a broker can be killed: at its n-th system call of the kind. */
export const BROKER_KILL_POINTS = {
  'before a write': 'pwrite64',
  'between write and flush': 'fdatasync',
  'after the flush, before the answer': 'writev',
} as const;

/** The same of a Redis that flushes every write before it answers; it writes to its log and its clients alike. */
export const REDIS_KILL_POINTS = {
  'before a write or an answer': 'write',
  'between write and flush': 'fdatasync',
} as const;

export type BrokerKillPoint = keyof typeof BROKER_KILL_POINTS;
export type RedisKillPoint = keyof typeof REDIS_KILL_POINTS;

type SystemCall =
  (typeof BROKER_KILL_POINTS)[BrokerKillPoint] | (typeof REDIS_KILL_POINTS)[RedisKillPoint];

/** Whether this machine has strace, and lets it trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
}

/**
 * The command that runs another one and kills it at a point. The traced process is our own child, as without it, so that
 * signals and its end are the same.
 *
 * @param calls how many calls of the kind one of its threads makes before that
 */
export function killedAt(call: SystemCall, calls: number): string[] {
  return ['strace', '-D', ...injection(call, calls)];
}

/** The command that waits for the same with a process that runs already, and ends with it. */
export function killingAt(call: SystemCall, calls: number, pid: number): string[] {
  return ['strace', ...injection(call, calls), '-p', `${pid}`];
}

function injection(call: SystemCall, calls: number): string[] {
  const when = `inject=${call}:signal=SIGKILL:when=${calls}`;
  return ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', when];
}
