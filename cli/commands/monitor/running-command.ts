import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock } from '../../../protocol/clock.js';

/** How a command ended. */
export interface Ending {
  /** Its exit code; 128 + n when signal n ended it; 127 when there is no such command, 126 when it cannot be run. */
  readonly status: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** Why it never began. */
  readonly failure?: string;
}

/** A command with this process's input and outputs. */
export interface RunningCommand {
  /** 0 when it could not be started. */
  readonly pid: number;
  readonly ended: Promise<Ending>;
  signal(name: NodeJS.Signals): void;
}

export function startCommand(
  [command, ...args]: readonly [string, ...string[]],
  clock: Clock,
): RunningCommand {
  const neverBegan = (error: unknown): Ending => ({ ...whyNot(command, error), time: clock() });
  let child: ChildProcess;
  try {
    child = spawn(command, args, { stdio: 'inherit' });
  } catch (error) {
    // More arguments than the system takes, for example.
    return { pid: 0, ended: Promise.resolve(neverBegan(error)), signal: () => {} };
  }
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ status: code ?? 128 + (signal ? constants.signals[signal] : 0), time: clock() });
    });
    child.on('error', (error) => {
      // There is one, too, for a signal to a command that runs as another user, which goes on.
      if (child.pid === undefined) resolve(neverBegan(error));
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

function whyNot(command: string, error: unknown): { status: number; failure: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT'
    ? { status: 127, failure: `cannot run ${command}: there is no such command` }
    : {
        status: 126,
        failure: `cannot run ${command}: ${code === 'EACCES' ? 'it is not executable' : message}`,
      };
}
