import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock } from '../../../protocol/clock.js';

/** The end of a command. */
export interface CommandEnd {
  /**
   * Exit code; 128 + n if signal n ended the command, 127 if it does not exist, 126 if it cannot be
   * run.
   */
  readonly status: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** The reason, if the command could not be started. */
  readonly failure?: string;
}

/** A command that shares this process's input and outputs. */
export interface RunningCommand {
  /** Process id; 0 if the command could not be started. */
  readonly pid: number;
  readonly ended: Promise<CommandEnd>;
  signal(name: NodeJS.Signals): void;
}

export function startCommand(
  [command, ...args]: readonly [string, ...string[]],
  clock: Clock,
): RunningCommand {
  const failedToStart = (error: unknown): CommandEnd => ({
    ...startFailure(command, error),
    time: clock(),
  });
  let child: ChildProcess;
  try {
    child = spawn(command, args, { stdio: 'inherit' });
  } catch (error) {
    // spawn throws, for example, for more arguments than the system accepts.
    return { pid: 0, ended: Promise.resolve(failedToStart(error)), signal: () => {} };
  }
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ status: code ?? 128 + (signal ? constants.signals[signal] : 0), time: clock() });
    });
    child.on('error', (error) => {
      // A signal to a command that runs as another user also ends here; that command goes on.
      if (child.pid === undefined) resolve(failedToStart(error));
    });
  });
  return {
    pid: child.pid ?? 0,
    ended,
    signal: (name) => {
      child.kill(name);
    },
  };
}

function startFailure(command: string, error: unknown): { status: number; failure: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT'
    ? { status: 127, failure: `cannot run ${command}: no such command` }
    : {
        status: 126,
        failure: `cannot run ${command}: ${code === 'EACCES' ? 'it is not executable' : message}`,
      };
}
