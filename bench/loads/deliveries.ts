import type { ClientHttp2Stream } from 'node:http2';

/** Deliveries to all streams of a program. */
export interface DeliveryReport {
  /** Events received by all streams together. */
  readonly total: number;
  /** Events received by the stream that has the fewest; 0 without streams. */
  readonly fewest: number;
  /** Time from SIGHUP until the last delivery. */
  readonly secondsToLast: number;
}

/** Counts the events in a stream's bytes, cut anywhere. */
export interface DeliveryCounter {
  readonly count: number;
  push(bytes: Buffer): void;
}

/** Counts what streams deliver, and reports it when the bench asks. */
export class Deliveries {
  readonly #counters: DeliveryCounter[] = [];
  #begun = 0;
  #last = 0;

  /** Starts to read a stream. Its end is an uncaught exception. */
  count(stream: ClientHttp2Stream, counter: DeliveryCounter): void {
    this.#counters.push(counter);
    stream.on('data', (bytes: Buffer) => {
      counter.push(bytes);
      this.#last = performance.now();
    });
    stream.on('close', () => {
      throw new Error('a stream has ended');
    });
  }

  /**
   * Prints a `DeliveryReport` as a line of JSON for each SIGUSR2, starts the clock and prints
   * `begun` on SIGHUP, and ends the process on SIGTERM. Prints `ready` once the handlers are in
   * place.
   *
   * @param onBegin called on SIGHUP, after the clock has started
   */
  reportOnSignals(onBegin: () => void = () => undefined): void {
    process.on('SIGUSR2', () => {
      console.log(JSON.stringify(this.#report()));
    });
    process.on('SIGHUP', () => {
      this.#begun = performance.now();
      onBegin();
      console.log('begun');
    });
    process.once('SIGTERM', () => process.exit());
    console.log('ready');
  }

  #report(): DeliveryReport {
    const counts = this.#counters.map(({ count }) => count);
    const total = counts.reduce((sum, one) => sum + one, 0);
    const fewest = counts.length === 0 ? 0 : Math.min(...counts);
    return { total, fewest, secondsToLast: (this.#last - this.#begun) / 1000 };
  }
}
