import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { outliveNever } from '../../test/support/redis/last-rites.js';

/**
 * A Node process that reports its progress by lines on standard output. It never outlives the
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

  /** @param name name of the process in messages */
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

  /** Resolves with the next line that has this prefix. Rejects if the process ends before it. */
  async line(prefix: string): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`${this.name} ended before it printed "${prefix}"`);
      if (value.startsWith(prefix)) return value;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a signal, if given, and resolves when the process has ended with exit code 0. */
  async ended(signal?: NodeJS.Signals): Promise<void> {
    if (signal !== undefined) this.signal(signal);
    await this.#exited;
    const { exitCode, signalCode } = this.child;
    if (exitCode !== 0) throw new Error(`${this.name} ended with ${exitCode ?? signalCode ?? ''}`);
  }

  /** Kills the process and resolves when it has ended, with any exit code. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
  }
}
