import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** All of its standard input; nothing unless given. */
  readonly input?: Uint8Array;
}

/** Milliseconds within which a process must have printed what is waited for. */
const PATIENCE = 60_000;

/** A process and the lines that it has printed so far. */
export class Child {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /** When it has ended and all of its output is here. Rejects when it could not be started. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #changes = new EventEmitter();
  readonly #commandLine: string;

  constructor(command: string, args: readonly string[], { input, ...options }: ChildOptions = {}) {
    const child = spawn(command, args, { ...options, stdio: 'pipe' });
    this.#process = child;
    this.#commandLine = [command, ...args].join(' ');
    this.#collect(child.stdout, this.stdout);
    this.#collect(child.stderr, this.stderr);
    // A process that ends without reading its input is judged by its exit.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    this.exited = once(child, 'close').then(([code, signal]: unknown[]) => {
      this.#changes.emit('change');
      return { code, signal } as Exit;
    });
    this.exited.catch(() => {});
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * Resolves when the condition, over the lines printed so far, holds. Rejects with everything that
   * was printed when the process ends before that or takes too long.
   */
  async until(what: string, condition: () => boolean): Promise<void> {
    const tooLate = AbortSignal.timeout(PATIENCE);
    while (!condition()) {
      if (tooLate.aborted || !this.running) {
        const why = this.running ? `in ${PATIENCE} ms` : 'before it ended';
        throw new Error(`\`${this.#commandLine}\` did not ${what} ${why}:\n${this.#output()}`);
      }
      await once(this.#changes, 'change', { signal: tooLate }).catch(() => {});
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Signals it, if it still runs, and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.signal(signal);
    return this.exited;
  }

  /** Waits for its end and rejects, with everything that it printed, unless it exits with 0. */
  async succeeded(): Promise<this> {
    const { code, signal } = await this.exited;
    if (code === 0) return this;
    throw new Error(
      `\`${this.#commandLine}\` ended with ${code ?? signal ?? ''}:\n${this.#output()}`,
    );
  }

  #collect(stream: Readable, lines: string[]): void {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      this.#changes.emit('change');
    });
  }

  #output(): string {
    return [...this.stdout, ...this.stderr].join('\n');
  }
}
