import { Command, CommanderError } from 'commander';
import { parseAddress } from '../client/own-programs.js';
import { FoghornError } from '../protocol/errors.js';
import { applyContext, contextFlag } from './connection/apply-context.js';
import { securityFlags } from './connection/client-options.js';
import { closest } from './closest.js';
import { defaultPeer } from './defaults.js';
import { escapeLines } from '../protocol/escape-controls.js';
import { flag } from './flags.js';
import { say } from './terminal.js';
import { DEFAULT_TIMINGS } from './timings.js';
import type { CommandTimings } from './timings.js';
import type { Outcome, Terminal } from './terminal.js';
import { version } from '../protocol/version.js';

const EXAMPLES = `
Examples:
  foghorn serve                        start a broker
  foghorn events --since 10m           show the last ten minutes, then follow
  foghorn ps --at "10:00"              show what ran then
  foghorn exits --since 1h --failed    show what failed in the last hour
  foghorn monitor -- ./backup.sh       run a command and report its exit code
  foghorn wait backup.sh               print that exit code
  foghorn on alert --failed -- ./notify.sh
                                       run a command for each failed exit
  foghorn record containerd --from /run/containerd/containerd.sock

Exit codes: 0 success, 1 failure, 2 usage error.
\`monitor\` exits as its command does.`;

interface CommandContext {
  readonly terminal: Terminal;
  readonly outcome: Outcome;
  readonly timings: CommandTimings;
}

/** The commands, in the order of the help. Each is loaded from its own module. */
const COMMANDS: Readonly<
  Record<string, (program: Command, context: CommandContext) => Promise<void>>
> = {
  async serve(program, { terminal, timings }) {
    (await import('./commands/serve.js')).addServe(program, terminal, timings);
  },
  async shim(program, { terminal }) {
    (await import('./commands/shim.js')).addShim(program, terminal);
  },
  async events(program, { terminal }) {
    (await import('./commands/events.js')).addEvents(program, terminal);
  },
  async ps(program, { terminal }) {
    (await import('./commands/ps.js')).addPs(program, terminal);
  },
  async exits(program, { terminal }) {
    (await import('./commands/exits.js')).addExits(program, terminal);
  },
  async on(program, { terminal }) {
    (await import('./commands/on.js')).addOn(program, terminal);
  },
  async consumers(program, { terminal }) {
    (await import('./commands/consumers.js')).addConsumers(program, terminal);
  },
  async publish(program, { terminal }) {
    (await import('./commands/publish.js')).addPublish(program, terminal);
  },
  async types(program, { terminal }) {
    (await import('./commands/types.js')).addTypes(program, terminal);
  },
  async forward(program, { terminal }) {
    (await import('./commands/forward.js')).addForward(program, terminal);
  },
  async wait(program, { terminal }) {
    (await import('./commands/wait.js')).addWait(program, terminal);
  },
  async monitor(program, { terminal, outcome, timings }) {
    (await import('./commands/monitor.js')).addMonitor(program, terminal, outcome, timings);
  },
  async record(program, { terminal, timings }) {
    (await import('./commands/record.js')).addRecord(program, terminal, timings);
  },
  async describe(program, { terminal }) {
    (await import('./commands/describe.js')).addDescribe(program, terminal);
  },
  async token(program, { terminal }) {
    (await import('./commands/token.js')).addToken(program, terminal);
  },
  async access(program, { terminal, outcome }) {
    (await import('./commands/access.js')).addAccess(program, terminal, outcome);
  },
  async context(program, { terminal }) {
    (await import('./commands/context.js')).addContext(program, terminal);
  },
  async top(program, { terminal }) {
    (await import('./commands/top.js')).addTop(program, terminal);
  },
  async completion(program, { terminal }) {
    (await import('./commands/completion.js')).addCompletion(program, terminal);
  },
  async __complete(program, { terminal }) {
    (await import('./commands/complete.js')).addComplete(program, terminal);
  },
  async version(program, { terminal }) {
    (await import('./commands/version.js')).addVersion(program, terminal);
  },
};

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
    const program = globalProgram(terminal);
    const [name, subject] = program.parseOptions([...args]).operands;
    // A command loads in less time without the others, whose libraries it does not use.
    const names = isLoadedAlone(name) ? [name] : Object.keys(COMMANDS);
    await addCommands(program, names, { terminal, outcome, timings });
    if (name === 'help' && subject !== undefined) checkSubject(program, subject);
    await program.parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof FoghornError || isOfSystem(error))) throw error;
    say(terminal, error.message);
    return error.code === 'INVALID_ARGUMENT' ? 2 : 1;
  }
}

/** Whether an error is one of the operating system, about a file that the user has named. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

/** Builds the program with all its commands. */
export async function buildProgram(
  terminal: Terminal,
  outcome: Outcome,
  timings: CommandTimings = DEFAULT_TIMINGS,
): Promise<Command> {
  const program = globalProgram(terminal);
  await addCommands(program, Object.keys(COMMANDS), { terminal, outcome, timings });
  return program;
}

/** Returns the program with its global flags, without a command. */
function globalProgram(terminal: Terminal): Command {
  const program = new Command('foghorn')
    .description('containerd and Docker events that survive: durable, ordered, replayable')
    .version(version(), '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [COMMAND]', 'show help for a command')
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
        .default(defaultPeer(terminal.surroundings)),
    )
    .addOption(
      flag('-n, --namespace <NAME>', 'containerd namespace')
        .env('CONTAINERD_NAMESPACE')
        .default('default'),
    );
  program.addOption(contextFlag());
  for (const option of securityFlags()) program.addOption(option);
  program.hook('preAction', (_, command) => {
    if (callsBroker(command)) applyContext(program, terminal);
  });
  return program;
}

/** Commands that call no broker, with all that is below them. */
const LOCAL_COMMANDS: ReadonlySet<string> = new Set([
  'serve',
  'shim',
  'token',
  'access',
  'types',
  'context',
  'completion',
  'version',
]);

function callsBroker(command: Command): boolean {
  const { parent } = command;
  if (parent?.parent != null) return callsBroker(parent);
  return !LOCAL_COMMANDS.has(command.name());
}

/** Ends with a usage error where help is asked for a command that does not exist. */
function checkSubject(program: Command, subject: string): void {
  const names = program.commands.flatMap((each) => [each.name(), ...each.aliases()]);
  if (subject === 'help' || names.includes(subject)) return;
  const similar = closest(subject, names);
  const hint = similar === undefined ? '' : `\n(Did you mean ${similar}?)`;
  program.error(`error: unknown command '${subject}'${hint}`);
}

/** Adds the commands in this order. */
async function addCommands(
  program: Command,
  names: readonly string[],
  context: CommandContext,
): Promise<void> {
  for (const name of names) await COMMANDS[name]?.(program, context);
}

/** False for a name that is no command, and for the one command that prints all the others. */
function isLoadedAlone(name: string | undefined): name is string {
  return name !== undefined && Object.hasOwn(COMMANDS, name) && name !== 'completion';
}

function checkedAddress(text: string): string {
  parseAddress(text);
  return text;
}
