import { UNKNOWN_END, UNKNOWN_EXIT_CODE } from '../../protocol/docker-event.js';
import { isReported, type Run, type RunExit } from './run.js';

/**
 * Ends a run as its engine's die says, if there was one. If the die may have another code, the end
 * is lost, unless containerd has reported it. Returns the run's exit.
 *
 * @param isCodeHidden whether a label of the container replaces the code in its engine's dies
 */
export function endByEngine(run: Run, isCodeHidden: boolean): RunExit | undefined {
  const { engineExit: exit } = run;
  if (exit === undefined) return run.exit;
  if (!mayHaveAnotherCode(run, isCodeHidden)) run.exit ??= exit;
  else run.lost ??= { reason: UNKNOWN_END, lastSeen: exit.exitedAt, cursor: exit.cursor };
  return run.exit;
}

/** Whether the code in the engine's die may not be that of the run, which containerd reports. */
export function mayHaveAnotherCode(run: Run, isCodeHidden: boolean): boolean {
  return isReported(run) && (isCodeHidden || run.engineExit?.status === UNKNOWN_EXIT_CODE);
}
