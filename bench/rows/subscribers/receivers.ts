import type { DeliveryReport } from '../../loads/deliveries.js';
import type { FanOutSettings } from '../../loads/fan-out-subscribers.js';
import type { HistoryReadersSettings } from '../../loads/history-readers.js';
import { whenArrived } from '../../support/arrivals.js';
import { startLoad } from '../../support/load.js';
import type { Program } from '../../support/program.js';
import type { Defer } from '../../support/resources.js';

/** Time without a delivery after which no more are expected. */
const IDLE_LIMIT_MS = 5000;

/** A load that receives events, and its settings apart from the address. */
export type ReceiverLoad =
  | { readonly name: 'fan-out-subscribers'; readonly settings: Omit<FanOutSettings, 'address'> }
  | {
      readonly name: 'history-readers';
      readonly settings: Omit<HistoryReadersSettings, 'address'>;
    };

/** Streams of one process that count what they receive. */
export class Receivers {
  private constructor(private readonly program: Program) {}

  static async start(
    { name, settings }: ReceiverLoad,
    address: string,
    profile: string | undefined,
    defer: Defer,
  ): Promise<Receivers> {
    const program = await startLoad(name, { address, ...settings }, profile);
    const receivers = new Receivers(program);
    defer(() => receivers.end());
    await program.line('ready');
    return receivers;
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Ends the process, and with it its streams. */
  end(): Promise<void> {
    return this.program.ended('SIGTERM');
  }

  /** Starts the clock of `secondsToLast`; history readers from the earliest entry open now. */
  async begin(): Promise<void> {
    this.program.signal('SIGHUP');
    await this.program.line('begun');
  }

  async report(): Promise<DeliveryReport> {
    this.program.signal('SIGUSR2');
    return JSON.parse(await this.program.line('{')) as DeliveryReport;
  }

  /** Resolves at exactly this total of deliveries. Rejects at more, or when no more come. */
  async received(expected: number): Promise<DeliveryReport> {
    const report = await whenArrived(() => this.report(), expected, IDLE_LIMIT_MS);
    if (report.total === expected) return report;
    throw new Error(`expected ${expected} deliveries, got ${report.total}`);
  }
}
