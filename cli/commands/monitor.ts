import { basename } from 'node:path';
import type { Command } from 'commander';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import {
  hasIdentifierCharacters,
  isContainerId,
  MAX_IDENTIFIER_BYTES,
  MAX_ID_BYTES,
} from '../../protocol/identifier.js';
import { flag, spoolFlag } from '../flags.js';
import { runMonitored } from './monitor/run-monitored.js';
import type { Outcome, Terminal } from '../terminal.js';
import type { CommandTimings } from '../timings.js';
import { securityArguments, securityOf } from '../connection/client-options.js';
import type { ClientFlags } from '../connection/with-client.js';

const HELP = `
Runs COMMAND with the same input and output, and reports its start and its exit code as events of the
container ID, with their own times. COMMAND never waits for the broker: the reports are kept in the
spool until the broker has stored them. \`foghorn serve\` takes over events left in its default
spool; for another spool, run \`foghorn forward --spool DIR < /dev/null\`.

Signals are passed on to COMMAND. The exit code is that of COMMAND: 128 + n if signal n ended it, 127
if the command does not exist, 126 if it cannot be run.

Examples:
  foghorn monitor -- ./backup.sh --all
  foghorn monitor --container backup -- sh -c 'pg_dump shop | gzip > shop.gz'
  foghorn -n jobs monitor --spool /var/spool/jobs -- ./report
  foghorn -n jobs wait report                                      # prints its exit code`;

interface MonitorFlags extends ClientFlags {
  readonly container?: string;
  readonly spool?: string;
}

/** `foghorn monitor`: runs a command and reports how it ends, even while the broker is away. */
export function addMonitor(
  program: Command,
  terminal: Terminal,
  outcome: Outcome,
  { monitorReportTimeout: reportTimeout }: CommandTimings,
): void {
  program
    .command('monitor')
    .description('run a command and report its exit code, even while the broker is away')
    .usage('[options] -- COMMAND [ARG...]')
    .argument('<COMMAND>', 'program to run')
    .argument('[ARG...]', 'its arguments, including flags')
    .addOption(flag('--container <ID>', 'container id to report (default: name of COMMAND)'))
    .addOption(
      spoolFlag('directory that keeps reports for the broker (default: one for each --address)'),
    )
    .addHelpText('after', HELP)
    .action(async (name: string, args: string[], _flags, command: Command) => {
      if (name === '')
        command.error('error: COMMAND: expected the name of a program', { exitCode: 2 });
      const flags = command.optsWithGlobals<MonitorFlags>();
      const { address, namespace, spool, container = basename(name) || name } = flags;
      checkNames(namespace, container, command);
      const argv = [name, ...args] as const;
      outcome.exitCode = await runMonitored(
        {
          ...{ argv, container, address, namespace, spool, reportTimeout },
          security: securityOf(command),
          securityArguments: securityArguments(command),
        },
        terminal,
      );
    });
}

/**
 * Ends with a usage error, before COMMAND runs, for names that no broker would take: the exit code
 * would be lost.
 */
function checkNames(namespace: string, container: string, command: Command): void {
  const isNamespace =
    hasIdentifierCharacters(namespace) && namespace.length <= MAX_IDENTIFIER_BYTES;
  if (!isNamespace) {
    const expected = `at most ${MAX_IDENTIFIER_BYTES} letters, digits, '.', '_' and '-'`;
    command.error(`error: --namespace: expected ${expected}, got ${quotedExcerpt(namespace)}`, {
      exitCode: 2,
    });
  }
  if (!isContainerId(container)) {
    command.error(
      `error: --container: expected an id of 1 to ${MAX_ID_BYTES} bytes without NUL, got ${quotedExcerpt(container)}`,
      { exitCode: 2 },
    );
  }
}
