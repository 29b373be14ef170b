import type { Arrivals } from './docker/arrivals.js';

/**
 * Prints an `ArrivalReport` as a line of JSON for each SIGUSR2, resets the counts on SIGHUP, ends
 * on SIGTERM. Prints `following` once the handlers are in place.
 */
export function reportOnSignals(arrivals: Arrivals): void {
  process.on('SIGUSR2', () => {
    console.log(JSON.stringify(arrivals.report()));
  });
  process.on('SIGHUP', () => {
    arrivals.beginAnew();
  });
  process.once('SIGTERM', () => process.exit());
  console.log('following');
}
