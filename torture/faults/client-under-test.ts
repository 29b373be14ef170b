import { setTimeout as delay } from 'node:timers/promises';
import { builtProgram } from '../../test/support/processes/build.js';
import { Child } from '../../test/support/processes/child.js';
import type { Exit } from '../../test/support/processes/child.js';
import { READY } from '../clients/program.js';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';

export type ClientProgram = 'publisher' | 'reader' | 'waiter' | 'crowd';

/** Milliseconds within which a client that is told to end must have finished. */
const END_PATIENCE = 60_000;

/** A client program, through all that happens to it. It records when it did not do as it was told. */
export class ClientUnderTest {
  #child: Child | undefined;
  /** One fault at a time. */
  #fault: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly program: ClientProgram,
    private readonly settings: object,
    private readonly record: RecordWriter<BrokerLine>,
  ) {}

  get disturbed(): boolean {
    return this.#fault !== undefined;
  }

  async start(): Promise<void> {
    const main = await builtProgram(`torture/clients/${this.program}`);
    this.#child = new Child(process.execPath, [main, JSON.stringify(this.settings)]);
  }

  /** Resolves when it has begun. */
  async ready(): Promise<void> {
    const child = this.#child;
    await child?.until('begin', () => child.stdout.includes(READY));
  }

  /** Kills it and starts it again after a while. */
  kill(downMs: number): void {
    this.#disturb(async () => {
      this.#expect(await this.#end('SIGKILL'), { code: null, signal: 'SIGKILL' });
      await delay(downMs);
      await this.start();
    });
  }

  /** Stops it for a while. */
  halt(milliseconds: number): void {
    this.#disturb(async () => {
      this.#child?.signal('SIGSTOP');
      await delay(milliseconds);
      this.#child?.signal('SIGCONT');
    });
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    if (this.#child) this.#expect(await this.#child.exited, { code: 0, signal: null });
  }

  /** Lets it finish what it has begun. */
  async finish(): Promise<void> {
    await this.#fault;
    await this.ready();
    const timer = setTimeout(() => this.#child?.signal('SIGKILL'), END_PATIENCE);
    this.#expect(await this.#end('SIGTERM'), { code: 0, signal: null });
    clearTimeout(timer);
  }

  /** Ends it at once, whatever it does. */
  async remove(): Promise<void> {
    await this.#child?.end('SIGKILL');
    await this.#fault;
    await this.#child?.end('SIGKILL');
  }

  #disturb(fault: () => Promise<void>): void {
    this.#fault = fault().finally(() => {
      this.#fault = undefined;
    });
  }

  async #end(signal: NodeJS.Signals): Promise<Exit> {
    if (!this.#child) throw new Error(`${this.name} was never started`);
    return this.#child.end(signal);
  }

  #expect({ code, signal }: Exit, expected: Exit): void {
    if (code === expected.code && signal === expected.signal) return;
    const output = this.#child?.stderr.join('\n') ?? '';
    const text = `${this.name} ended with ${code ?? signal ?? ''}: ${output}`;
    this.record.write({ kind: 'defect', text });
  }
}
