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
  if (run.lostReason) return 'lost';
  if (run.oom && run.exitCode !== 0) return 'oom';
  if (run.exitCode !== undefined) return run.exitCode === 0 ? 'zero' : 'failed';
  return run.failedToStart ? 'failed' : 'running';
}

/** The end of a run in words. */
export function endWords(run: ApiRun): string {
  if (run.lostReason) return `end not known: ${run.lostReason}`;
  if (run.failedToStart) return `could not be started (${run.exitCode ?? 'no code'})`;
  if (run.exitCode === undefined) return 'running';
  return `exited ${exitText(run.exitCode)}${run.oom ? ', out of memory' : ''}`;
}
