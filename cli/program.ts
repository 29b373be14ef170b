import { Command, CommanderError } from 'commander';
import { parseAddress } from '../client/own-programs.js';
import { FoghornError } from '../protocol/errors.js';
import { addCompletion } from './commands/completion.js';
import { defaultAddress } from './defaults.js';
import { addDescribe } from './commands/describe.js';
import { addEvents } from './commands/events.js';
import { escapeLines } from './escape-controls.js';
import { flag } from './flags.js';
import { addForward } from './commands/forward.js';
import { addMonitor } from './commands/monitor.js';
import { addPublish } from './commands/publish.js';
import { addRecord } from './commands/record.js';
import { addServe } from './commands/serve.js';
import { addShim } from './commands/shim.js';
import { say } from './terminal.js';
import { DEFAULT_TIMINGS } from './timings.js';
import type { CommandTimings } from './timings.js';
import type { Outcome, Terminal } from './terminal.js';
import { addWait } from './commands/wait.js';
import { version } from '../protocol/version.js';

const EXAMPLES = `
Examples:
  foghorn serve                        start a broker
  foghorn events --since 10m           show the last ten minutes, then new events
  foghorn monitor -- ./backup.sh       run a command and report its exit code
  foghorn wait backup.sh               print that exit code
  foghorn record containerd --from /run/containerd/containerd.sock

Exit codes: 0 success, 1 failure, 2 usage error. \`monitor\` exits as its command does.`;

/**
 * Runs one command line and returns its exit code: 0 for success, 1 for a failure, 2 for a usage
 * error, or the code that the command sets. Throws errors that are defects of the program.
 *
 * @param args the arguments, without the program's name
 */
export async function run(
  terminal: Terminal,
  args: readonly string[],
  timings = DEFAULT_TIMINGS,
): Promise<number> {
  const outcome: Outcome = { exitCode: 0 };
  try {
    await buildProgram(terminal, outcome, timings).parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof FoghornError)) throw error;
    say(terminal, error.message);
    return 1;
  }
}

/** Builds the program with all its commands. */
export function buildProgram(
  terminal: Terminal,
  outcome: Outcome,
  timings: CommandTimings = DEFAULT_TIMINGS,
): Command {
  const program = new Command('foghorn')
    .description('containerd and Docker events that survive: durable, ordered, replayable')
    .version(version(), '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(escapeLines(text)),
      writeErr: (text) => terminal.stderr.write(escapeLines(text)),
      outputError: (text, writeError) => {
        writeError(text.replace(/^error: /, 'foghorn: '));
      },
    })
    .showHelpAfterError('(see --help)')
    .addHelpText('after', EXAMPLES);
  program
    .addOption(
      flag(
        '-a, --address <ADDR>',
        'address of the broker: unix:///path or host:port',
        checkedAddress,
      )
        .env('FOGHORN_ADDRESS')
        .default(defaultAddress(terminal.surroundings)),
    )
    .addOption(
      flag('-n, --namespace <NAME>', 'containerd namespace')
        .env('CONTAINERD_NAMESPACE')
        .default('default'),
    );
  addServe(program, terminal, timings);
  addShim(program, terminal);
  addEvents(program, terminal);
  addPublish(program, terminal);
  addForward(program, terminal);
  addWait(program, terminal);
  addMonitor(program, terminal, outcome, timings);
  addRecord(program, terminal, timings);
  addDescribe(program, terminal);
  addCompletion(program, terminal);
  return program;
}

function checkedAddress(text: string): string {
  parseAddress(text);
  return text;
}
