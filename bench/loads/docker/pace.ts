import { runClosedLoop, type LoadSettings } from '../closed-loop.js';
import { runSteadily, type SteadySettings } from '../steady.js';

/** Full speed with a number of operations under way, or a fixed rate. */
export type Pace = LoadSettings | SteadySettings;

/** Runs operations by `runClosedLoop` or `runSteadily`. */
export async function runAtPace(operation: () => Promise<unknown>, pace: Pace): Promise<void> {
  if ('perSecond' in pace) await runSteadily(operation, pace);
  else await runClosedLoop(operation, pace);
}
