import { createHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** How hard and how long a load is. */
export interface LoadSettings {
  /** How many operations wait for their acknowledgement at any time. */
  readonly inFlight: number;
  /** Seconds before the measured ones. */
  readonly warmUp: number;
  readonly seconds: number;
}

export interface LoadReport {
  /** Acknowledged in the measured seconds. */
  readonly measured: number;
  /** As measured. */
  readonly seconds: number;
  /** Of the time from the call to its acknowledgement, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Acknowledged from first to last. */
  readonly acknowledged: number;
}

/**
 * Keeps so many operations under way: each acknowledgement begins the next one. Prints `begin` and `end` around the measured
 * time, and then, when nothing is under way any more, its report as a line of JSON. Rejects with what an operation rejects with.
 *
 * @param events that one operation has acknowledged
 */
export async function runClosedLoop(
  operation: () => Promise<unknown>,
  { inFlight, warmUp, seconds }: LoadSettings,
  events = 1,
): Promise<void> {
  const latency = createHistogram();
  let acknowledged = 0;
  let over = false;
  const worker = async (): Promise<void> => {
    while (!over) {
      const begun = performance.now();
      await operation();
      latency.record(Math.max(1, Math.round((performance.now() - begun) * 1000)));
      acknowledged += events;
    }
  };
  const workers = Promise.all(Array.from({ length: inFlight }, worker));
  const pass = (time: number): Promise<unknown> => Promise.race([delay(time * 1000), workers]);

  await pass(warmUp);
  const before = acknowledged;
  latency.reset();
  const begun = performance.now();
  console.log('begin');
  await pass(seconds);
  const measured = acknowledged - before;
  const elapsed = (performance.now() - begun) / 1000;
  const [p50, p99] = [latency.percentile(50) / 1000, latency.percentile(99) / 1000];
  console.log('end');
  over = true;
  await workers;
  const report: LoadReport = { measured, seconds: elapsed, p50, p99, acknowledged };
  console.log(JSON.stringify(report));
}
