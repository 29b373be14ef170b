import { setTimeout as delay } from 'node:timers/promises';
import type { Child, Exit } from '../../test/support/processes/child.js';
import type { BrokerProcess, ServeSettings } from '../../test/support/processes/broker-process.js';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';

/** pino's number of the lowest level that reports a defect. */
const ERROR_LEVEL = 50;

/** A broker that faults are injected into. Records its defects. */
export class BrokerUnderTest {
  #child: Child | undefined;

  constructor(
    private readonly broker: BrokerProcess,
    private readonly settings: ServeSettings,
    private readonly record: RecordWriter<BrokerLine>,
  ) {}

  async start(): Promise<void> {
    this.#child = await this.broker.start(this.settings);
  }

  /** Starts the broker and waits until it has ended or the milliseconds have passed. */
  async startDoomed(under: readonly string[], patience: number): Promise<void> {
    this.#child = await this.broker.launch({ ...this.settings, under });
    await Promise.race([this.#child.exited, delay(patience)]);
  }

  get running(): boolean {
    return this.#child?.running ?? false;
  }

  /** Stops the broker with SIGTERM and expects exit code 0. */
  async drain(): Promise<void> {
    const exit = await this.#end('SIGTERM');
    if (exit.code !== 0) this.#defect(`SIGTERM ended it with ${exit.code ?? exit.signal ?? ''}`);
  }

  async kill(): Promise<void> {
    const exit = await this.#end('SIGKILL');
    if (exit.signal !== 'SIGKILL') this.#defect(`it had ended with ${exit.code ?? ''} by itself`);
  }

  /** Suspends the broker for the milliseconds while other faults go on. */
  halt(milliseconds: number): void {
    const child = this.#child;
    child?.signal('SIGSTOP');
    setTimeout(() => child?.signal('SIGCONT'), milliseconds);
  }

  async #end(signal: NodeJS.Signals): Promise<Exit> {
    const child = this.#child;
    if (!child) throw new Error('the broker was never started');
    const exit = await child.end(signal);
    for (const line of child.stderr) if (isError(line)) this.#defect(line);
    return exit;
  }

  #defect(text: string): void {
    this.record.write({ kind: 'defect', text: `broker at ${this.broker.address}: ${text}` });
  }
}

/** Reports of a Redis that faults have made unreachable. */
const REDIS_AWAY = /^history: nothing can be stored for now: .*\bRedis at\b/;

/** A line that is not JSON comes from Node itself, as it crashes. */
function isError(line: string): boolean {
  try {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    return level >= ERROR_LEVEL && !REDIS_AWAY.test(msg);
  } catch {
    return true;
  }
}
