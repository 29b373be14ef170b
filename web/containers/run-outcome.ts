import type { ApiRun } from '../api/runs.js';
import { exitText } from '../now/entry-words.js';

/** How a run ended. The order is that of the legend, and the numbers those of the timeline. */
export const OUTCOMES = ['running', 'zero', 'failed', 'oom', 'lost'] as const;
export type RunOutcome = (typeof OUTCOMES)[number];

export const OUTCOME_WORDS: Record<RunOutcome, string> = {
  running: 'running',
  zero: 'exited 0',
  failed: 'exited non-zero',
  oom: 'out of memory',
  lost: 'end not known',
};

export function outcomeOf(run: ApiRun): RunOutcome {
  if (run.lost_reason) return 'lost';
  if (run.oom && run.exit_code !== 0) return 'oom';
  if (run.exit_code !== null) return run.exit_code === 0 ? 'zero' : 'failed';
  return run.failed_to_start ? 'failed' : 'running';
}

/** The end of a run in words. */
export function endWords(run: ApiRun): string {
  if (run.lost_reason) return `end not known: ${run.lost_reason}`;
  if (run.failed_to_start) return `could not be started (${run.exit_code ?? 'no code'})`;
  if (run.exit_code === null) return 'running';
  return `exited ${exitText(run.exit_code)}${run.oom ? ', out of memory' : ''}`;
}
