import { readFileSync } from 'node:fs';

/** USER_HZ, the unit of times in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Of utime and stime, counted from after the name, which may itself have blanks and brackets. */
const USER = 11;
const SYSTEM = 12;

/**
 * Seconds of processor time that a process with all its threads has taken so far; Linux only.
 * Throws when it has ended.
 *
 * @param name for messages
 */
export function cpuSeconds(name: string, pid: number): number {
  const stat = statOf(name, pid);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER]) + Number(fields[SYSTEM])) / TICKS_PER_SECOND;
}

function statOf(name: string, pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    throw new Error(`cannot tell what ${name} takes: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
