import type { ContainerState } from './container-state.js';
import { timeText } from './time-text.js';

/** Says how and when a removed container ended; undefined for one that is there. */
export function goneText(container: ContainerState): string | undefined {
  if (container.status !== 'removed') return undefined;
  const removed = `history: removed ${timeText(container.removedAt)}`;
  return `${removed}, ${endText(container)}`;
}

function endText({ finishedAt, endUnknown, lost, shownExitCode }: ContainerState): string {
  if (lost !== '') return `its end is lost: ${lost}`;
  if (endUnknown) return 'its end was never reported';
  if (finishedAt === undefined) return 'it never ran';
  return `exited with code ${shownExitCode} at ${timeText(finishedAt)}`;
}
