import { setTimeout as delay } from 'node:timers/promises';
import { Acknowledgements, runMeasured } from './measured-time.js';

/** Intensity and duration of a load. */
export interface LoadSettings {
  /** Operations under way at any time. */
  readonly inFlight: number;
  /** Seconds before the measured ones. */
  readonly warmUp: number;
  readonly seconds: number;
  /** Operations after which the load ends early; unlimited by default. */
  readonly most?: number;
}

/**
 * Keeps a constant number of operations under way: each acknowledgement starts the next one. Prints
 * the lines of `runMeasured`. Rejects with the error of a failed operation.
 *
 * @param events acknowledged by one operation
 */
export async function runClosedLoop(
  operation: () => Promise<unknown>,
  { inFlight, warmUp, seconds, most = Infinity }: LoadSettings,
  events = 1,
): Promise<void> {
  const acknowledgements = new Acknowledgements();
  let begunInAll = 0;
  let over = false;
  const worker = async (): Promise<void> => {
    while (!over && begunInAll < most) {
      begunInAll += 1;
      const begun = performance.now();
      await operation();
      acknowledgements.add(begun, events);
    }
  };
  const workers = Promise.all(Array.from({ length: inFlight }, worker));
  const pass = (time: number): Promise<unknown> =>
    // A referenced timer would keep the process alive after the workers have finished.
    Promise.race([delay(time * 1000, undefined, { ref: false }), workers]);
  const finish = (): Promise<unknown> => {
    over = true;
    return workers;
  };
  await runMeasured({ acknowledgements, pass, finish }, { warmUp, seconds });
}
