import type { Command, Option } from 'commander';

/** A flag as shells need it. */
export interface FlagNode {
  /** `--format`. */
  readonly long: string;
  /** `-a`. */
  readonly short: string | undefined;
  readonly description: string;
  readonly takesValue: boolean;
  /** The values there are, when there are only so many. */
  readonly choices: readonly string[];
  /** Whether the value is a file or directory. */
  readonly isPath: boolean;
}

/** A command as shells need it; the root is the program. */
export interface CommandNode {
  /** The words that lead to it, joined by blanks: `foghorn bridge containerd`. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly flags: readonly FlagNode[];
  /** What may stand as an argument, when there are only so many. */
  readonly argumentChoices: readonly string[];
  readonly commands: readonly CommandNode[];
}

/** The commands of a program, its own flags repeated for each command that takes them. */
export function commandTree(command: Command, parentPath = ''): CommandNode {
  const path = `${parentPath} ${command.name()}`.trim();
  const help = command.createHelp();
  const inherited = help.showGlobalOptions ? help.visibleGlobalOptions(command) : [];
  return {
    path,
    name: command.name(),
    description: command.description(),
    flags: [...help.visibleOptions(command), ...inherited.filter(isNoVersion)].map(flagNode),
    argumentChoices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    commands: command.commands.map((child) => commandTree(child, path)),
  };
}

/** A command and all below it, parents first. */
export function allCommands(root: CommandNode): CommandNode[] {
  return [root, ...root.commands.flatMap(allCommands)];
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
    choices: option.argChoices ?? [],
    isPath: /<(DIR|FILE)>/.test(option.flags),
  };
}
