import { Command, CommanderError } from 'commander';
import { parseAddress } from '../client/own-programs.js';
import { FoghornError } from '../protocol/errors.js';
import { addBridge } from './commands/bridge.js';
import { addCompletion } from './commands/completion.js';
import { defaultAddress } from './defaults.js';
import { addDescribe } from './commands/describe.js';
import { addEvents } from './commands/events.js';
import { flag } from './flags.js';
import { addForward } from './commands/forward.js';
import { addMonitor } from './commands/monitor.js';
import { addPublish } from './commands/publish.js';
import { addServe } from './commands/serve.js';
import { say } from './terminal.js';
import { DEFAULT_TIMINGS } from './timings.js';
import type { Timings } from './timings.js';
import type { Outcome, Terminal } from './terminal.js';
import { addWait } from './commands/wait.js';
import { version } from '../protocol/version.js';

const EXAMPLES = `
Examples:
  foghorn serve                                    start a broker
  foghorn events --since 10m                       the last ten minutes, then what happens
  foghorn monitor -- ./backup.sh                   run it and report its exit code, come what may
  foghorn wait backup.sh                           print that exit code
  foghorn bridge containerd --from /run/containerd/containerd.sock

Exit codes: 0 done, 1 failed, 2 wrong usage; those of \`monitor\` are its command's.`;

/**
 * Runs one command line, without the program's name, to its exit code: 0 done, 1 failed, 2 wrong
 * usage, or what the command has made of it. Defects are thrown.
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

/** The tree of commands. */
export function buildProgram(
  terminal: Terminal,
  outcome: Outcome,
  timings: Timings = DEFAULT_TIMINGS,
): Command {
  const program = new Command('foghorn')
    .description("containerd's and Docker's events, never lost and replayable")
    .version(version(), '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, writeError) => {
        writeError(text.replace(/^error: /, 'foghorn: '));
      },
    })
    .showHelpAfterError('(--help tells what is expected)')
    .addHelpText('after', EXAMPLES);
  program
    .addOption(
      flag('-a, --address <ADDR>', 'the broker: unix:///path or host:port', checkedAddress)
        .env('FOGHORN_ADDRESS')
        .default(defaultAddress(terminal.surroundings)),
    )
    .addOption(
      flag('-n, --namespace <NAME>', 'the containerd namespace')
        .env('CONTAINERD_NAMESPACE')
        .default('default'),
    );
  addServe(program, terminal, timings);
  addEvents(program, terminal);
  addPublish(program, terminal);
  addForward(program, terminal);
  addWait(program, terminal);
  addMonitor(program, terminal, outcome, timings);
  addBridge(program, terminal, timings);
  addDescribe(program, terminal);
  addCompletion(program, terminal);
  return program;
}

function checkedAddress(text: string): string {
  parseAddress(text);
  return text;
}
