import { createHistogram } from 'node:perf_hooks';

export interface LoadReport {
  /** Events acknowledged in the measured time. */
  readonly measured: number;
  /** Length of the measured time. */
  readonly seconds: number;
  /** Percentiles of the time from a call to its acknowledgement, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the load itself in the measured time. */
  readonly cpuMicros: number;
  /** Events acknowledged in all, outside the measured time too. */
  readonly acknowledged: number;
}

/** Counts acknowledged events and records their latency. */
export class Acknowledgements {
  readonly #latency = createHistogram();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /**
   * @param begun start of the operation, by `performance.now()`
   * @param events acknowledged by the operation
   */
  add(begun: number, events = 1): void {
    this.#latency.record(Math.max(1, Math.round((performance.now() - begun) * 1000)));
    this.#count += events;
  }

  /** Discards the latencies recorded so far. */
  forgetLatency(): void {
    this.#latency.reset();
  }

  /** ms */
  latency(percentile: number): number {
    return this.#latency.percentile(percentile) / 1000;
  }
}

/** A load under way. */
export interface RunningLoad {
  readonly acknowledgements: Acknowledgements;
  /** Runs the load for this many seconds. */
  readonly pass: (seconds: number) => Promise<unknown>;
  /** Starts no further operation and resolves when none is under way. */
  readonly finish: () => Promise<unknown>;
}

/**
 * Runs a load. Prints `begin` and `end` around the measured time and, once nothing is under way any
 * more, a `LoadReport` as a line of JSON.
 */
export async function runMeasured(
  { acknowledgements, pass, finish }: RunningLoad,
  { warmUp, seconds }: { readonly warmUp: number; readonly seconds: number },
): Promise<void> {
  await pass(warmUp);
  const before = acknowledgements.count;
  acknowledgements.forgetLatency();
  const begun = performance.now();
  const cpuBegun = process.cpuUsage();
  console.log('begin');
  await pass(seconds);
  const measured = acknowledgements.count - before;
  const elapsed = (performance.now() - begun) / 1000;
  const [p50, p99] = [acknowledgements.latency(50), acknowledgements.latency(99)];
  const { user, system } = process.cpuUsage(cpuBegun);
  console.log('end');
  await finish();
  const acknowledged = acknowledgements.count;
  const cpuMicros = user + system;
  const report: LoadReport = { measured, seconds: elapsed, p50, p99, cpuMicros, acknowledged };
  console.log(JSON.stringify(report));
}
