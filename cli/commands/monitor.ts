import { basename } from 'node:path';
import type { Command } from 'commander';
import { flag, spoolFlag } from '../flags.js';
import { runMonitored } from './monitor/run-monitored.js';
import type { Outcome, Terminal } from '../terminal.js';
import type { Timings } from '../timings.js';
import type { ClientFlags } from '../connection/with-client.js';

const HELP = `
COMMAND runs with this input and output, and does not notice whether a broker is there: its start and
its exit code are reported as events of the container ID, with their own times, and kept in the spool
until the broker has stored them. \`foghorn serve\` takes over what is left in its default spool; for
another one, \`foghorn forward --spool DIR < /dev/null\` does.

Signals are passed on to COMMAND. Its exit code is this one's too: 128 + n when signal n ended it,
127 when there is no such command, 126 when it cannot be run.

Examples:
  foghorn monitor -- ./backup.sh --all
  foghorn monitor --container backup -- sh -c 'pg_dump shop | gzip > shop.gz'
  foghorn -n jobs monitor --spool /var/spool/jobs -- ./report     then: foghorn -n jobs wait report`;

interface MonitorFlags extends ClientFlags {
  readonly container?: string;
  readonly spool?: string;
}

/** `foghorn monitor`: runs a process and reports how it ends, whatever happens to the broker. */
export function addMonitor(
  program: Command,
  terminal: Terminal,
  outcome: Outcome,
  { monitorReportTimeout: reportTimeout }: Timings,
): void {
  program
    .command('monitor')
    .description('run a command and report its exit code, whatever happens to the broker')
    .usage('[options] -- COMMAND [ARG...]')
    .argument('<COMMAND>', 'the program')
    .argument('[ARG...]', 'its arguments, flags too')
    .addOption(flag('--container <ID>', 'the container to report it as (default: name of COMMAND)'))
    .addOption(spoolFlag('where reports wait for the broker (default: one for each --address)'))
    .addHelpText('after', HELP)
    .action(async (name: string, args: string[], _flags, command: Command) => {
      if (name === '') command.error('error: COMMAND: expected a program', { exitCode: 2 });
      const flags = command.optsWithGlobals<MonitorFlags>();
      const { address, namespace, spool, container = basename(name) || name } = flags;
      const argv = [name, ...args] as const;
      outcome.exitCode = await runMonitored(
        { argv, container, address, namespace, spool, reportTimeout },
        terminal,
      );
    });
}
