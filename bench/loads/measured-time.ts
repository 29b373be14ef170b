import { createHistogram } from 'node:perf_hooks';

export interface LoadReport {
  /** Acknowledged in the measured seconds. */
  readonly measured: number;
  /** As measured. */
  readonly seconds: number;
  /** Of the time from the call to its acknowledgement, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time that the load itself took in the measured seconds. */
  readonly cpuMicros: number;
  /** Acknowledged from first to last. */
  readonly acknowledged: number;
}

/** What has been acknowledged so far, and how long it took. */
export class Acknowledgements {
  readonly #latency = createHistogram();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /**
   * @param begun when the operation did, by `performance.now()`
   * @param events that it has acknowledged
   */
  add(begun: number, events = 1): void {
    this.#latency.record(Math.max(1, Math.round((performance.now() - begun) * 1000)));
    this.#count += events;
  }

  /** Forgets how long it took until now. */
  forgetLatency(): void {
    this.#latency.reset();
  }

  /** ms */
  latency(percentile: number): number {
    return this.#latency.percentile(percentile) / 1000;
  }
}

/** A load that is under way. */
export interface RunningLoad {
  readonly acknowledgements: Acknowledgements;
  /** Lets it go on for so many seconds. */
  readonly pass: (seconds: number) => Promise<unknown>;
  /** Begins nothing more and resolves when nothing is under way. */
  readonly finish: () => Promise<unknown>;
}

/**
 * Lets a load run. Prints `begin` and `end` around the measured time, and then, when nothing is under way any more, its report
 * as a line of JSON.
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
