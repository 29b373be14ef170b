import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** What a command may know and touch of the process it runs in. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly surroundings: Surroundings;
  /** From this call on, SIGINT and SIGTERM abort the signal instead of ending the process. */
  interrupted(): AbortSignal;
  /** From this call on, these signals are told and do nothing else to the process. */
  onSignals(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): void;
}

/** How the process ends when nothing fails; an action may say otherwise than 0. */
export interface Outcome {
  exitCode: number;
}

/** Who runs the command and where, as far as defaults depend on it. */
export interface Surroundings {
  /** User id; 0 is root. */
  readonly uid: number;
  readonly home: string;
  /** Directory for temporary files. */
  readonly temp: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Writes to a stream no faster than its reader takes it. Gives up waiting when the signal aborts. */
export async function write(stream: Writable, text: string, signal?: AbortSignal): Promise<void> {
  if (text === '' || stream.write(text) || signal?.aborted) return;
  try {
    await once(stream, 'drain', { ...(signal && { signal }) });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** Tells the user something beside the output. */
export function say({ stderr }: Terminal, text: string): void {
  stderr.write(`foghorn: ${text}\n`);
}
