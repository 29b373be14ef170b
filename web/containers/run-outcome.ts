import type { ApiRun } from '../api/runs.js';
import { exitText } from '../now/entry-words.js';

/** How a run ended. The order is that of the legend, and the numbers those of the timeline. */
export const OUTCOMES = ['running', 'zero', 'failed', 'oom', 'lost'] as const;
export type RunOutcome = (typeof OUTCOMES)[number];

export const OUTCOME_WORDS: Record<RunOutcome, string> = {
  running: 'running',
  zero: 'exited 0',
  failed: 'non-zero',
  oom: 'out of memory',
  lost: 'lost',
};

export function outcomeOf(run: ApiRun): RunOutcome {
  if (run.lost_reason) return 'lost';
  if (run.oom && run.exit_code !== 0) return 'oom';
  if (run.exit_code !== null) return run.exit_code === 0 ? 'zero' : 'failed';
  return run.failed_to_start ? 'failed' : 'running';
}

/** The end of a run in a word or two, for the margin of the timeline. */
export function endLabel(run: ApiRun): string {
  const outcome = outcomeOf(run);
  return outcome === 'failed' || outcome === 'zero'
    ? `exited ${run.exit_code ?? '?'}`
    : OUTCOME_WORDS[outcome];
}

/** The end of a run in words. */
export function endWords(run: ApiRun): string {
  if (run.lost_reason) return `end not known: ${run.lost_reason}`;
  if (run.failed_to_start) return `could not be started (${run.exit_code ?? 'no code'})`;
  if (run.exit_code === null) return 'running';
  return `exited ${exitText(run.exit_code)}${run.oom ? ', out of memory' : ''}`;
}
