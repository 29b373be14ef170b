import type { LoadReport } from '../loads/measured-time.js';
import { cpuSeconds } from './cpu-time.js';
import type { Program } from './program.js';

/** Figures of one round, without its warm-up. */
export interface Round {
  /** Events acknowledged per second. */
  readonly rate: number;
  /** Percentiles of the time from the call to its acknowledgement, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time for each acknowledged event, by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

/**
 * Runs a load to its end. Resolves with the round's figures, and with the number of events
 * acknowledged in all, including the warm-up.
 *
 * @param pids the processes that take part, by name
 */
export async function measure(
  load: Program,
  pids: Readonly<Record<string, number>>,
): Promise<{ round: Round; acknowledged: number }> {
  await load.line('begin');
  const before = cpuOf(pids);
  await load.line('end');
  const after = cpuOf(pids);
  const report = JSON.parse(await load.line('{')) as LoadReport;
  const { measured, seconds, p50, p99, acknowledged } = report;
  const cpu = Object.fromEntries(
    Object.keys(pids).map((name) => {
      const spent = (after[name] ?? NaN) - (before[name] ?? NaN);
      return [name, (spent * 1e6) / measured];
    }),
  );
  return { round: { rate: measured / seconds, p50, p99, cpu }, acknowledged };
}

function cpuOf(pids: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(name, pid)]),
  );
}
