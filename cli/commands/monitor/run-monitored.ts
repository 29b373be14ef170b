import { cwd } from 'node:process';
import type { ClientSecurity } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import { spoolDirectory } from '../../defaults.js';
import { makePrivateDirectory } from '../../private-directory.js';
import { say } from '../../terminal.js';
import type { Terminal } from '../../terminal.js';
import { Guardian } from './guardian.js';
import { Reporter } from './reporter.js';
import { startCommand } from './running-command.js';
import { taskCreate, taskExit, taskStart, type Task } from './task-events.js';

const SIGNALS: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGCONT',
  'SIGURG',
  'SIGIO',
  'SIGPWR',
  'SIGWINCH',
];

/** Signals that a terminal sends to every process in its foreground, including the command. */
const SENT_BY_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];

export interface MonitorOptions {
  /** The program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  /** Container id in the reported events. */
  readonly container: string;
  readonly address: string;
  readonly security: ClientSecurity;
  /** The command line's arguments that mean the same as `security`. */
  readonly securityArguments: readonly string[];
  readonly namespace: string;
  /** Directory of the spool; undefined for the default one of the address. */
  readonly spool: string | undefined;
  /** Milliseconds that the broker has to answer when there is no spool. */
  readonly reportTimeout: number;
}

/** Runs a command, reports its start and its end, and returns its exit code. */
export async function runMonitored(options: MonitorOptions, terminal: Terminal): Promise<number> {
  const { argv, container, namespace } = options;
  const print = (text: string) => {
    say(terminal, text);
  };
  terminal.onSignals(SIGNALS, (name) => {
    if (!(terminal.stdin.isTTY && SENT_BY_TERMINAL.includes(name))) command.signal(name);
  });
  const createdAt = systemClock();
  const command = startCommand(argv, systemClock);
  const startedAt = systemClock();
  const { pid } = command;
  const task = { namespace, containerId: container, pid };
  const spool = openSpool(options, terminal);
  const reporter = new Reporter(options, spool, print);
  const guardian = pid === 0 ? undefined : guardianOf(task, options, spool, terminal);
  const reports: Promise<void>[] = [];
  // A task that is created and never started: readers see that the command could not be run.
  reports.push(reporter.report(taskCreate(task, createdAt, workingDirectory())));
  if (pid !== 0) reports.push(reporter.report(taskStart(task, startedAt)));
  const { status, time, failure } = await command.ended;
  if (failure !== undefined) print(failure);
  reports.push(reporter.report(taskExit(task, time, status)));
  await Promise.all(reports);
  (await guardian)?.dismiss();
  await reporter.close();
  return status;
}

/** Undefined where this program cannot be started again, or has no spool. */
async function guardianOf(
  task: Task,
  { address, securityArguments }: MonitorOptions,
  spool: Promise<string>,
  { surroundings: { program } }: Terminal,
): Promise<Guardian | undefined> {
  if (program === undefined) return undefined;
  try {
    return new Guardian(program, task, { address, securityArguments, spool: await spool });
  } catch {
    // The reporter reports that the spool cannot be used.
    return undefined;
  }
}

/** Returns the directory of the spool; creates the default one. */
async function openSpool(
  { spool, address }: MonitorOptions,
  { surroundings }: Terminal,
): Promise<string> {
  if (spool !== undefined) return spool;
  const directory = spoolDirectory(address, surroundings);
  await makePrivateDirectory(directory, surroundings.uid, '--spool');
  return directory;
}

/** Returns the working directory, or an empty text if it was removed. */
function workingDirectory(): string {
  try {
    return cwd();
  } catch {
    return '';
  }
}
