import type { Command, Option } from 'commander';
import { argumentValues, flagValues, type ValueSource } from './value-source.js';

/** A flag, as the completion scripts need it. */
export interface FlagNode {
  /** `--format`. */
  readonly long: string;
  /** `-a`. */
  readonly short: string | undefined;
  readonly description: string;
  readonly takesValue: boolean;
  readonly values: ValueSource;
}

/** An argument, as the completion scripts need it. */
export interface ArgumentNode {
  readonly name: string;
  readonly isVariadic: boolean;
  readonly values: ValueSource;
}

/** A command, as the completion scripts need it; the root is the program. */
export interface CommandNode {
  /** The words that name the command, joined by spaces: `foghorn record containerd`. */
  readonly path: string;
  readonly name: string;
  /** Other names of the same command. */
  readonly aliases: readonly string[];
  readonly description: string;
  readonly flags: readonly FlagNode[];
  readonly arguments: readonly ArgumentNode[];
  readonly commands: readonly CommandNode[];
}

/** Returns a program's commands; its global flags are repeated for each command that takes them. */
export function commandTree(command: Command, parentPath = ''): CommandNode {
  const path = `${parentPath} ${command.name()}`.trim();
  const help = command.createHelp();
  const inherited = help.showGlobalOptions ? help.visibleGlobalOptions(command) : [];
  return {
    path,
    name: command.name(),
    aliases: command.aliases(),
    description: command.description(),
    flags: [...help.visibleOptions(command), ...inherited.filter(isNoVersion)].map(flagNode),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      isVariadic: argument.variadic,
      values: argumentValues(argument, path),
    })),
    commands: visibleSubcommands(command).map((child) => commandTree(child, path)),
  };
}

/** Returns the commands below a command that its help shows, without `help`. */
export function visibleSubcommands(command: Command): Command[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.filter((child) => command.commands.includes(child));
}

/** Returns the tree with the command `help` below each command that has others below it. */
export function withHelp(node: CommandNode): CommandNode {
  if (node.commands.length === 0) return node;
  const words = node.commands.map(({ name }) => name);
  const help: CommandNode = {
    path: `${node.path} help`,
    name: 'help',
    aliases: [],
    description: 'show help for a command',
    flags: [],
    arguments: [{ name: 'COMMAND', isVariadic: false, values: { kind: 'words', words } }],
    commands: [],
  };
  return { ...node, commands: [...node.commands.map(withHelp), help] };
}

/** Returns a command and all its descendants, parents first. */
export function allCommands(root: CommandNode): CommandNode[] {
  return [root, ...root.commands.flatMap(allCommands)];
}

/** Returns the paths by which a command may be called: by its name, and by its aliases. */
export function pathsOf({ path, name, aliases }: CommandNode): string[] {
  const parent = path.slice(0, -name.length);
  return [name, ...aliases].map((word) => `${parent}${word}`);
}

/** Returns the words that name a flag. */
export function wordsOf({ long, short }: FlagNode): string[] {
  return short === undefined ? [long] : [long, short];
}

/** Whether a command line of another program follows "--". */
export function takesCommand({ path }: CommandNode): boolean {
  return path === 'foghorn on' || path === 'foghorn monitor';
}

function isNoVersion(option: Option): boolean {
  return option.long !== '--version';
}

function flagNode(option: Option): FlagNode {
  return {
    long: option.long ?? '',
    short: option.short,
    description: option.description,
    takesValue: option.required || option.optional,
    values: flagValues(option),
  };
}
