import { cwd } from 'node:process';
import { systemClock } from '../../../protocol/clock.js';
import { spoolDirectory } from '../../defaults.js';
import { makePrivateDirectory } from '../../private-directory.js';
import { say } from '../../terminal.js';
import type { Terminal } from '../../terminal.js';
import { Reporter } from './reporter.js';
import { startCommand } from './running-command.js';
import { taskCreate, taskExit, taskStart } from './task-events.js';

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

/** A terminal sends these to every process in its foreground, the command among them. */
const SENT_BY_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];

export interface MonitorOptions {
  /** The program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  /** The id to report it as. */
  readonly container: string;
  readonly address: string;
  readonly namespace: string;
  /** Directory; the default one for the address unless given. */
  readonly spool: string | undefined;
  /** Milliseconds that the broker has to answer when there is no spool. */
  readonly reportTimeout: number;
}

/** Runs a command to its end, which resolves to its exit code, and reports its start and its end. */
export async function runMonitored(options: MonitorOptions, terminal: Terminal): Promise<number> {
  const { argv, container, namespace } = options;
  const tell = (text: string) => {
    say(terminal, text);
  };
  const clock = systemClock();
  terminal.onSignals(SIGNALS, (name) => {
    if (!(terminal.stdin.isTTY && SENT_BY_TERMINAL.includes(name))) command.signal(name);
  });
  const createdAt = clock();
  const command = startCommand(argv, clock);
  const startedAt = clock();
  const { pid } = command;
  const task = { namespace, containerId: container, pid };
  const reporter = new Reporter(options, openSpool(options, terminal), tell);
  const reports: Promise<void>[] = [];
  if (pid !== 0) {
    reports.push(reporter.report(taskCreate(task, createdAt, workingDirectory())));
    reports.push(reporter.report(taskStart(task, startedAt)));
  }
  const { status, time, failure } = await command.ended;
  if (failure !== undefined) tell(failure);
  reports.push(reporter.report(taskExit(task, time, status)));
  await Promise.all(reports);
  await reporter.close();
  return status;
}

/** Resolves with its directory. */
async function openSpool(
  { spool, address }: MonitorOptions,
  { surroundings }: Terminal,
): Promise<string> {
  if (spool !== undefined) return spool;
  const directory = spoolDirectory(address, surroundings);
  await makePrivateDirectory(directory, surroundings.uid, '--spool');
  return directory;
}

/** Empty when it is not there any more. */
function workingDirectory(): string {
  try {
    return cwd();
  } catch {
    return '';
  }
}
