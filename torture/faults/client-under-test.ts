import { setTimeout as delay } from 'node:timers/promises';
import { builtProgram } from '../../test/support/processes/build.js';
import { Child } from '../../test/support/processes/child.js';
import type { Exit } from '../../test/support/processes/child.js';
import { READY } from '../clients/program.js';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';

export type ClientProgram = 'publisher' | 'reader' | 'waiter' | 'crowd';

/** Milliseconds within which a client must exit after SIGTERM. */
const END_PATIENCE = 60_000;

/** A client program that faults are injected into. Records its defects. */
export class ClientUnderTest {
  #child: Child | undefined;
  /** The running fault; a client has one at a time. */
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

  /** Resolves once the client is ready. */
  async ready(): Promise<void> {
    const child = this.#child;
    await child?.until('begin', () => child.stdout.includes(READY));
  }

  /** Kills the client and starts it again after the milliseconds. */
  kill(downMs: number): void {
    this.#disturb(async () => {
      this.#expect(await this.#end('SIGKILL'), { code: null, signal: 'SIGKILL' });
      await delay(downMs);
      await this.start();
    });
  }

  /** Suspends the client for the milliseconds. */
  halt(milliseconds: number): void {
    this.#disturb(async () => {
      this.#child?.signal('SIGSTOP');
      await delay(milliseconds);
      this.#child?.signal('SIGCONT');
    });
  }

  /** Resolves when the client has exited by itself. */
  async ended(): Promise<void> {
    if (this.#child) this.#expect(await this.#child.exited, { code: 0, signal: null });
  }

  /** Lets the client finish its calls and waits for its exit. */
  async finish(): Promise<void> {
    await this.#fault;
    await this.ready();
    const timer = setTimeout(() => this.#child?.signal('SIGKILL'), END_PATIENCE);
    this.#expect(await this.#end('SIGTERM'), { code: 0, signal: null });
    clearTimeout(timer);
  }

  /** Kills the client. */
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
