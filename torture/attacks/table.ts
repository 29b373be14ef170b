import type { Latency } from './bystander.js';
import type { Measured } from './measure.js';

/** Latencies that a bystander may see during an attack on a quiet machine, ms. */
const LIMITS = { p99: 20, longest: 50 };
/** The limit on a busy machine, in latencies without an attack. */
const QUIET_MULTIPLES = 3;
/** Memory that an attack may hold for long, MiB. */
const MEMORY_LIMIT = 512;

const TIMES = ['p99', 'longest', 'quiet p99', 'longest'];
const COLUMNS = ['attack', ...TIMES, 'memory', 'most', 'held', 'after'];

/** @param tolerance multiplies the limits, for a machine with few processors */
export function verdict(
  { quiet, attacked, memory, survived }: Measured,
  tolerance: number,
): string {
  if (!survived) return 'the broker ended';
  if (attacked.missing > 0) return `${attacked.missing} events not delivered`;
  if (attacked.p99 > limit('p99', quiet) * tolerance) return 'p99 too high';
  if (attacked.longest > limit('longest', quiet) * tolerance) return 'stalls';
  if (memory.held - memory.before > MEMORY_LIMIT) return 'holds memory';
  return 'ok';
}

/**
 * Whether another measurement may pass: a machine with other work delays a bystander, too. An end
 * or a loss is never the machine's.
 */
export function mayPass(measured: Measured, tolerance: number): boolean {
  const isFault = !measured.survived || measured.attacked.missing > 0;
  return !isFault && verdict(measured, tolerance) !== 'ok';
}

function limit(kind: keyof typeof LIMITS, quiet: Latency): number {
  return Math.max(LIMITS[kind], quiet[kind] * QUIET_MULTIPLES);
}

/** One line for each attack; times in ms, memory in MiB. */
export function tableLines(all: readonly Measured[], tolerance: number): string[] {
  const rows = all.map((measured) => {
    const { name, quiet, attacked, memory } = measured;
    const times = [attacked.p99, attacked.longest, quiet.p99, quiet.longest];
    const numbers = [...times.map(Math.round), ...Object.values(memory)];
    return [name, ...numbers.map(String), verdict(measured, tolerance)];
  });
  return [
    `| ${[...COLUMNS, 'verdict'].join(' | ')} |`,
    `| --- | ${COLUMNS.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
}
