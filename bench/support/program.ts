import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { outliveNever } from '../../test/support/redis/last-rites.js';

/**
 * A Node process that tells by lines on its standard output how far it is. It never outlives the
 * bench.
 */
export class Program {
  readonly #lines: AsyncIterator<string, undefined>;
  readonly #exited: Promise<unknown>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcessByStdio<null, Readable, null>,
  ) {
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    this.#exited = once(child, 'close');
    outliveNever(child);
  }

  /** @param name for messages */
  static node(name: string, args: readonly string[]): Program {
    return new Program(
      name,
      spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error(`${this.name} could not be started`);
    return pid;
  }

  /** Resolves with the next line that begins so. Rejects when the process ends before that. */
  async line(prefix: string): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`${this.name} ended before it said "${prefix}"`);
      if (value.startsWith(prefix)) return value;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Signals it, if a signal is given, and resolves when it has ended with 0. */
  async ended(signal?: NodeJS.Signals): Promise<void> {
    if (signal !== undefined) this.signal(signal);
    await this.#exited;
    const { exitCode, signalCode } = this.child;
    if (exitCode !== 0) throw new Error(`${this.name} ended with ${exitCode ?? signalCode ?? ''}`);
  }

  /** Resolves when it is gone, however it ended. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
  }
}
