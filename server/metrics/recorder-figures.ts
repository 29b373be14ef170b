import type { AttachedRecorder, RecorderState } from '../recorders/attached-recorder.js';
import type { Scrape } from './scrape.js';

type Figure = (recorders: readonly AttachedRecorder[]) => number;

/** Returns a figure of the attached recorders for each kind of daemon, which is its label. */
export function recorderSamples(
  figure: Figure,
): (scrape: Pick<Scrape, 'recorders'>) => readonly (readonly [number, string])[] {
  return ({ recorders }) =>
    (['docker', 'containerd'] as const).map((kind) => [figure(recorders.attached(kind)), kind]);
}

/** The sum of a value over all recorders that report a state. */
export function sumOfStates(value: (state: RecorderState) => number): Figure {
  return (recorders) =>
    recorders.reduce((sum, { state }) => sum + (state === undefined ? 0 : value(state)), 0);
}

/** Seconds since the oldest event in a spool; 0 if none waits. */
export const recorderLagSeconds: Figure = (recorders) => {
  const now = Date.now();
  const oldest = recorders.map(({ state }) => state?.spool.oldest ?? now);
  return Math.max(0, now - Math.min(now, ...oldest)) / 1000;
};
