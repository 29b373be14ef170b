import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** How a process ended; one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Its complete standard input; empty by default. */
  readonly input?: Uint8Array;
}

/** Milliseconds within which a process must print the expected output. */
const PATIENCE = 60_000;

/** A process and the lines that it has printed so far. */
export class Child {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /**
   * Resolves when the process has ended and its output is complete. Rejects when it could not
   * start.
   */
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
    // A process may end without reading its input; its exit code says whether it failed.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    this.exited = once(child, 'close').then(([code, signal]: unknown[]) => {
      this.#changes.emit('change');
      return { code, signal } as Exit;
    });
    this.exited.catch(() => {});
  }

  /** Undefined if it could not start. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * Resolves when the condition over the printed lines holds. Rejects with the whole output when
   * the process ends before that or takes too long.
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

  /** Sends a signal, if the process still runs, and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.signal(signal);
    return this.exited;
  }

  /** Waits for the end of the process. Rejects with its output unless it exits with 0. */
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
