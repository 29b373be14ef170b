import { setTimeout as delay } from 'node:timers/promises';
import { Acknowledgements, runMeasured } from './measured-time.js';

/** How hard and how long a load is. */
export interface LoadSettings {
  /** How many operations wait for their acknowledgement at any time. */
  readonly inFlight: number;
  /** Seconds before the measured ones. */
  readonly warmUp: number;
  readonly seconds: number;
  /** Operations after which it ends earlier; no such limit unless given. */
  readonly most?: number;
}

/**
 * Keeps so many operations under way: each acknowledgement begins the next one. Prints what `runMeasured` prints. Rejects with what
 * an operation rejects with.
 *
 * @param events that one operation has acknowledged
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
    // A timer would keep the process when the workers have done their work before.
    Promise.race([delay(time * 1000, undefined, { ref: false }), workers]);
  const finish = (): Promise<unknown> => {
    over = true;
    return workers;
  };
  await runMeasured({ acknowledgements, pass, finish }, { warmUp, seconds });
}
