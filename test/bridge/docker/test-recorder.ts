import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DOCKER_RECORDER_TIMINGS } from '../../../bridge/docker/timings.js';
import { run } from '../../../cli/program.js';
import { DEFAULT_TIMINGS } from '../../../cli/timings.js';
import { eventually } from '../../support/eventually.js';
import { TestBroker } from '../../cli/test-broker.js';
import { testTerminal } from '../../cli/test-terminal.js';
import type { TestTerminal } from '../../cli/test-terminal.js';
import { isEngineEvent } from './recorded.js';
import { ScriptedEngine } from './scripted-engine.js';

/** Short enough for a test, and long enough for an engine of a test to report an event in. */
export const REPORT_DELAY_MS = 1000;

const TIMINGS = {
  ...DOCKER_RECORDER_TIMINGS,
  reportDelay: REPORT_DELAY_MS,
  pollInterval: 20,
  spaceTimeout: 100,
  shutdownGrace: 100,
};

/** `foghorn record docker` between a scripted engine and a real broker. */
export class TestDockerRecorder {
  readonly broker = new TestBroker();
  readonly engine = new ScriptedEngine();
  terminal: TestTerminal = testTerminal();
  queueCapacity = TIMINGS.queueCapacity;
  #exit: Promise<number> | undefined;

  /** Starts the two sides of it, and not itself. */
  static async create(): Promise<TestDockerRecorder> {
    const bridge = new TestDockerRecorder();
    await bridge.broker.start();
    await bridge.engine.start();
    return bridge;
  }

  /** Directory of its spool and state. */
  get spool(): string {
    return join(this.broker.directory, 'recorder');
  }

  /** Makes the next start one without a state. */
  forget(): void {
    rmSync(join(this.spool, 'state.json'), { force: true });
  }

  /** Starts it on a terminal of its own, with these flags besides where the two sides are. */
  start(...flags: string[]): Promise<number> {
    this.terminal = testTerminal();
    const args = ['-a', this.broker.address, 'record', 'docker', '--from', this.engine.address];
    this.#exit = run(this.terminal, [...args, '--spool', this.spool, ...flags], {
      ...DEFAULT_TIMINGS,
      dockerRecorder: { ...TIMINGS, queueCapacity: this.queueCapacity },
    });
    return this.#exit;
  }

  get said(): string {
    return this.terminal.output.stderr;
  }

  /** Interrupts it. Resolves with its exit code. */
  async stop(): Promise<number> {
    this.terminal.interrupt();
    return (await this.#exit) ?? 0;
  }

  /** Resolves when so many of the engine's events are stored. */
  async untilStored(count: number): Promise<void> {
    let stored = 0;
    for await (const message of this.broker.client.read({ start: 'earliest' })) {
      if (message.kind === 'entries') stored += message.entries.filter(isEngineEvent).length;
      if (stored >= count) return;
    }
  }

  /** Resolves when it follows the engine. */
  async untilListening(): Promise<void> {
    await eventually(() => this.engine.listeners > 0);
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.engine.remove();
    await this.broker.remove();
  }
}
