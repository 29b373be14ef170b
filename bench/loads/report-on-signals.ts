import type { Arrivals } from './docker/arrivals.js';

/** Tells of what has arrived by a line of JSON for each SIGUSR2, counts from SIGHUP on, and says now that it does so. */
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
