import { runClosedLoop, type LoadSettings } from '../closed-loop.js';
import { runSteadily, type SteadySettings } from '../steady.js';

/** As fast as it goes, with so many operations under way, or so many per second. */
export type Pace = LoadSettings | SteadySettings;

/** See the two. */
export async function runAtPace(operation: () => Promise<unknown>, pace: Pace): Promise<void> {
  if ('perSecond' in pace) await runSteadily(operation, pace);
  else await runClosedLoop(operation, pace);
}
