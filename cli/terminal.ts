import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { escapeControls, escapeLines } from '../protocol/escape-controls.js';

/** An output of the process. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The parts of its process that a command may use. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly surroundings: UserEnvironment;
  /**
   * Returns a signal. From this call on, SIGINT and SIGTERM abort it instead of ending the process.
   */
  interrupted(): AbortSignal;
  /** Calls the listener for these signals, which from then on do nothing else to the process. */
  onSignals(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): void;
}

/** The exit code of a command that does not fail; an action may set another than 0. */
export interface Outcome {
  exitCode: number;
}

/** The user and the environment of a command, as far as defaults depend on them. */
export interface UserEnvironment {
  /** User id; 0 is root. */
  readonly uid: number;
  readonly home: string;
  /** Directory that the command was started in. */
  readonly directory: string;
  /** Directory for temporary files. */
  readonly temp: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command line of this program up to its first argument; undefined inside another one. */
  readonly program?: readonly string[];
}

/**
 * Writes to an output no faster than its reader takes it; stops waiting when the signal aborts.
 * Escapes control characters on a terminal. Other readers get the exact text.
 */
export async function write(output: Output, text: string, signal?: AbortSignal): Promise<void> {
  await writeExactly(output, output.isTTY === true ? escapeLines(text) : text, signal);
}

/** Like `write`, for text whose control characters are escaped, except for its styles. */
export async function writeExactly(
  output: Output,
  text: string,
  signal?: AbortSignal,
): Promise<void> {
  if (text === '' || output.write(text) || signal?.aborted) return;
  try {
    await once(output, 'drain', { ...(signal && { signal }) });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** Writes a line to stderr; control characters in it are escaped. */
export function say({ stderr }: Terminal, text: string): void {
  stderr.write(`foghorn: ${escapeControls(text)}\n`);
}
