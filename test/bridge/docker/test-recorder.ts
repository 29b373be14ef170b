import { join } from 'node:path';
import { run } from '../../../cli/program.js';
import { eventually } from '../../support/eventually.js';
import { TestBroker } from '../../cli/test-broker.js';
import { testTerminal } from '../../cli/test-terminal.js';
import type { TestTerminal } from '../../cli/test-terminal.js';
import { linesIn } from './recorded.js';
import { ScriptedEngine } from './scripted-engine.js';

/** `foghorn bridge docker` between a scripted engine and a real broker. */
export class TestDockerRecorder {
  readonly broker = new TestBroker();
  readonly engine = new ScriptedEngine();
  terminal: TestTerminal = testTerminal();
  #exit: Promise<number> | undefined;

  /** Starts the two sides of it, and not itself. */
  static async create(): Promise<TestDockerRecorder> {
    const bridge = new TestDockerRecorder();
    await bridge.broker.start();
    await bridge.engine.start();
    return bridge;
  }

  /** Path of the state file that `start` names if it is told to. */
  get state(): string {
    return join(this.broker.directory, 'state.json');
  }

  /** Starts it on a terminal of its own, with these flags besides where the two sides are. */
  start(...flags: string[]): Promise<number> {
    this.terminal = testTerminal();
    this.#exit = run(this.terminal, [
      ...['-a', this.broker.address, 'bridge', 'docker'],
      ...['--from', this.engine.address, ...flags],
    ]);
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
    await eventually(async () => (await linesIn(this.broker.client)).length >= count);
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
