import { setTimeout as delay } from 'node:timers/promises';
import type { Child, Exit } from '../../faults/child.js';
import type { BrokerProcess } from '../../faults/foghorn.js';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';
import { killedAt } from './kill-point.js';
import type { KillPoint } from './kill-point.js';

/** How long a broker that is to be killed at a point may live, in milliseconds. */
const KILL_POINT_PATIENCE = 8_000;
/** pino's number for the level from which a log line tells of a defect. */
const ERROR_LEVEL = 50;

/** The broker, through all that happens to it. It records what it should not have done. */
export class BrokerUnderTest {
  #child: Child | undefined;

  constructor(
    private readonly broker: BrokerProcess,
    private readonly flags: readonly string[],
    private readonly record: RecordWriter<BrokerLine>,
  ) {}

  async start(): Promise<void> {
    this.#child = await this.broker.start({ flags: this.flags });
  }

  /** Ends it in good order. */
  async drain(): Promise<void> {
    const exit = await this.#end('SIGTERM');
    if (exit.code !== 0) this.#defect(`SIGTERM ended it with ${exit.code ?? exit.signal ?? ''}`);
  }

  async kill(): Promise<void> {
    const exit = await this.#end('SIGKILL');
    if (exit.signal !== 'SIGKILL') this.#defect(`it had ended with ${exit.code ?? ''} by itself`);
  }

  async halt(milliseconds: number): Promise<void> {
    this.#child?.signal('SIGSTOP');
    await delay(milliseconds);
    this.#child?.signal('SIGCONT');
  }

  /** Kills it, and its successor at a point on the way of an event. It is down afterwards. */
  async killAt(point: KillPoint, calls: number): Promise<void> {
    await this.kill();
    const { flags } = this;
    this.#child = await this.broker.launch({ flags, under: killedAt(point, calls) });
    await Promise.race([this.#child.exited, delay(KILL_POINT_PATIENCE)]);
    if (!this.#child.running) this.record.write({ kind: 'died at', point });
    await this.kill();
  }

  async #end(signal: NodeJS.Signals): Promise<Exit> {
    const child = this.#child;
    if (!child) throw new Error('the broker was never started');
    const exit = await child.end(signal);
    for (const line of child.stderr) if (isError(line)) this.#defect(line);
    return exit;
  }

  #defect(text: string): void {
    this.record.write({ kind: 'defect', text: `broker: ${text}` });
  }
}

/** What is no JSON is Node's own last words. */
function isError(line: string): boolean {
  try {
    return (JSON.parse(line) as { level: number }).level >= ERROR_LEVEL;
  } catch {
    return true;
  }
}
