import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A run as the container itself wrote it down. Times are seconds since the boot. */
export interface TrueRun {
  readonly begun: number;
  ended: number | undefined;
  code: number | undefined;
}

/**
 * A shell script that writes to a file when each of its runs begins, and with which code it ends.
 *
 * @param file path of the file in the container
 * @param codes codes of the first run, the second and so on; the last one counts for all further
 * @param seconds duration of a run
 */
export function truthfulScript(file: string, codes: readonly number[], seconds: number): string {
  return [
    `n=0; [ -e ${file}.n ] && read n < ${file}.n; n=$((n+1)); echo $n > ${file}.n`,
    `read up rest < /proc/uptime; echo begin $up >> ${file}`,
    `set -- ${codes.join(' ')}; [ $n -gt ${codes.length} ] && n=${codes.length}; shift $((n-1))`,
    `sleep ${seconds}`,
    `read up rest < /proc/uptime; echo end $up $1 >> ${file}; exit $1`,
  ].join('\n');
}

/** Reads what a container has written so far. */
export function readTruth(directory: string, name: string): TrueRun[] {
  const runs: TrueRun[] = [];
  for (const line of linesOf(join(directory, name))) {
    const [word, time, code] = line.split(' ');
    if (word === 'begin') runs.push({ begun: Number(time), ended: undefined, code: undefined });
    const run = runs.at(-1);
    if (word === 'end' && run !== undefined) {
      run.ended = Number(time);
      run.code = Number(code);
    }
  }
  return runs;
}

/** Seconds since the boot, by the clock that containers write down. */
export function uptimeNow(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
