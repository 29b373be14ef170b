import { readFileSync } from 'node:fs';

/** USER_HZ, the unit of times in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Fields utime and stime, counted after the name, which may contain blanks and brackets. */
const USER_FIELD = 11;
const SYSTEM_FIELD = 12;

/**
 * Seconds of processor time used so far by all threads of a process. Linux only. Throws if the
 * process has ended.
 *
 * @param name name of the process in messages
 */
export function cpuSeconds(name: string, pid: number): number {
  const stat = statOf(name, pid);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_FIELD]) + Number(fields[SYSTEM_FIELD])) / TICKS_PER_SECOND;
}

function statOf(name: string, pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    throw new Error(`cannot read the processor time of ${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
