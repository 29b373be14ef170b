import { spawnSync } from 'node:child_process';

/** Moments on the way of an event at which a broker can be killed: at its n-th call of the kind. */
export const KILL_POINTS = {
  'before a write': 'pwrite64',
  'between write and flush': 'fdatasync',
  'after the flush, before the answer': 'writev',
} as const;

export type KillPoint = keyof typeof KILL_POINTS;

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
export function killedAt(point: KillPoint, calls: number): string[] {
  const call = KILL_POINTS[point];
  const when = `inject=${call}:signal=SIGKILL:when=${calls}`;
  return ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', when];
}
