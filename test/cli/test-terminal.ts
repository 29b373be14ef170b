import { Readable, Writable } from 'node:stream';
import { run } from '../../cli/program.js';
import type { Terminal } from '../../cli/terminal.js';

export interface TestTerminal extends Terminal {
  /** The output so far. */
  readonly output: { stdout: string; stderr: string };
  /** Does what SIGINT and SIGTERM do. */
  interrupt(): void;
  /** Does what another signal does that the command listens for. */
  signal(name: NodeJS.Signals): void;
  /** Resolves once stdout or stderr holds the text. */
  shows(text: string): Promise<void>;
}

export interface TestTerminalOptions {
  readonly stdin?: string | Uint8Array | (Readable & { isTTY?: boolean });
  readonly uid?: number;
  /** Directory for what commands keep. */
  readonly state?: string;
  /** Which of the outputs are terminals. */
  readonly terminals?: { readonly stdout?: boolean; readonly stderr?: boolean };
  /** Width of the outputs. */
  readonly columns?: number;
}

/** A terminal in memory. */
export function testTerminal(options: TestTerminalOptions = {}): TestTerminal {
  const { stdin = '', uid = 0, state, terminals = {}, columns } = options;
  const controller = new AbortController();
  const receivers: ((signal: NodeJS.Signals) => void)[] = [];
  const output = { stdout: '', stderr: '' };
  let waiting: (() => void)[] = [];
  const collect = (name: keyof typeof output) =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          output[name] += chunk.toString();
          for (const wake of waiting.splice(0)) wake();
          done();
        },
      }),
      { isTTY: terminals[name] ?? false, ...(columns !== undefined && { columns }) },
    );
  return {
    stdin:
      stdin instanceof Readable
        ? stdin
        : Readable.from([Buffer.from(stdin)], { objectMode: false }),
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    surroundings: {
      uid,
      home: '/home/user',
      directory: '/home/user/work',
      temp: '/tmp',
      env: { XDG_STATE_HOME: state },
    },
    interrupted: () => controller.signal,
    onSignals: (_signals, listener) => {
      receivers.push(listener);
    },
    output,
    interrupt: () => {
      controller.abort();
    },
    signal: (name) => {
      for (const receive of receivers) receive(name);
    },
    async shows(text) {
      while (!`${output.stdout}${output.stderr}`.includes(text)) {
        await new Promise<void>((resolve) => (waiting = [...waiting, resolve]));
      }
    },
  };
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process to its end. */
export async function foghorn(
  args: readonly string[],
  options: TestTerminalOptions = {},
): Promise<Outcome> {
  const terminal = testTerminal(options);
  const exitCode = await run(terminal, args);
  return { exitCode, ...terminal.output };
}
