import type { Command } from 'commander';
import { buildProgram } from '../../cli/program.js';
import { testTerminal } from '../cli/test-terminal.js';

export interface ParsedCommand {
  /** Name of the command, such as `serve`. */
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Parses a command line without running it. Rejects a line that Foghorn rejects.
 *
 * @param home the home of the user, whose contexts are known
 */
export async function parseFoghorn(
  args: readonly string[],
  home = '/home/user',
): Promise<ParsedCommand> {
  const terminal = testTerminal();
  const surroundings = { ...terminal.surroundings, home };
  const program = await buildProgram({ ...terminal, surroundings }, { exitCode: 0 });
  let parsed: ParsedCommand | undefined;
  for (const command of leaves(program)) {
    command.action(() => {
      parsed = { name: command.name(), options: command.optsWithGlobals() };
    });
  }
  await program.parseAsync(args, { from: 'user' });
  if (parsed === undefined) throw new Error(`no command in ${args.join(' ')}`);
  return parsed;
}

/** Names of all environment variables that stand for flags. */
export async function environmentNames(): Promise<string[]> {
  const program = await buildProgram(testTerminal(), { exitCode: 0 });
  const options = [program, ...leaves(program)].flatMap((command) => command.options);
  return options.flatMap(({ envVar }) => envVar ?? []);
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
