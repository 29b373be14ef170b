import type { Command, Option } from 'commander';

/** A flag, as the completion scripts need it. */
export interface FlagNode {
  /** `--format`. */
  readonly long: string;
  /** `-a`. */
  readonly short: string | undefined;
  readonly description: string;
  readonly takesValue: boolean;
  /** The possible values, if the flag takes only certain ones. */
  readonly choices: readonly string[];
  /** Whether the value is a file or directory. */
  readonly isPath: boolean;
}

/** A command, as the completion scripts need it; the root is the program. */
export interface CommandNode {
  /** The words that name the command, joined by spaces: `foghorn bridge containerd`. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly flags: readonly FlagNode[];
  /** The possible arguments, if the command takes only certain ones. */
  readonly argumentChoices: readonly string[];
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
    description: command.description(),
    flags: [...help.visibleOptions(command), ...inherited.filter(isNoVersion)].map(flagNode),
    argumentChoices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    commands: command.commands.map((child) => commandTree(child, path)),
  };
}

/** Returns a command and all its descendants, parents first. */
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
