import { UNKNOWN_END, UNKNOWN_EXIT_CODE } from '../../protocol/docker-event.js';
import { isReported, type Run, type RunExit } from './run.js';

/** Facts about the reports of a container. */
interface ReportFacts {
  /** Whether a label of the container replaces the code in its engine's dies. */
  readonly isCodeHidden: boolean;
  /** Whether containerd reports it, whose recorder may have missed a run. */
  readonly isFollowed: boolean;
}

/**
 * Ends a run as its engine's die says, if there was one. If the die may have another code, the end
 * is lost, unless containerd has reported it. Returns the run's exit.
 */
export function endByEngine(run: Run, reports: ReportFacts): RunExit | undefined {
  const { engineExit: exit } = run;
  if (exit === undefined) return run.exit;
  if (!mayHaveAnotherCode(run, reports)) run.exit ??= exit;
  else run.lost ??= { reason: UNKNOWN_END, lastSeen: exit.exitedAt, cursor: exit.cursor };
  return run.exit;
}

/** Whether the code in the engine's die may not be that of the run, which containerd knows. */
export function mayHaveAnotherCode(run: Run, { isCodeHidden, isFollowed }: ReportFacts): boolean {
  const isDoubtful = isCodeHidden || run.engineExit?.status === UNKNOWN_EXIT_CODE;
  return isDoubtful && (isFollowed || isReported(run));
}
