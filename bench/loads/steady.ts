import { setTimeout as delay } from 'node:timers/promises';
import { Acknowledgements, runMeasured } from './measured-time.js';

export interface SteadySettings {
  /** Operations started per second, whether or not earlier ones are acknowledged. */
  readonly perSecond: number;
  /** Seconds before the measured ones. */
  readonly warmUp: number;
  readonly seconds: number;
}

const TICK_MS = 1;

/**
 * Starts operations at an even rate. Prints the lines of `runMeasured`. A failed operation ends the
 * process.
 */
export async function runSteadily(
  operation: () => Promise<unknown>,
  { perSecond, warmUp, seconds }: SteadySettings,
): Promise<void> {
  const acknowledgements = new Acknowledgements();
  const underWay = new Set<Promise<void>>();
  const begin = (): void => {
    const begun = performance.now();
    const one = operation().then(() => {
      acknowledgements.add(begun);
      underWay.delete(one);
    });
    underWay.add(one);
  };
  const pass = async (time: number): Promise<void> => {
    const begun = performance.now();
    let count = 0;
    while (count < time * perSecond) {
      const due = ((performance.now() - begun) / 1000) * perSecond;
      for (; count < due; count++) begin();
      await delay(TICK_MS);
    }
  };
  const finish = (): Promise<unknown> => Promise.all(underWay);
  await runMeasured({ acknowledgements, pass, finish }, { warmUp, seconds });
}
