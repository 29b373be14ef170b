import { allCommands } from './command-tree.js';
import type { CommandNode, FlagNode } from './command-tree.js';

/** Returns a script for fish: one `complete` line per command, flag and choice. */
export function fishCompletion(root: CommandNode): string {
  const lines = allCommands(root).flatMap((node) => commandLines(root.name, node));
  return [`# fish completion for ${root.name}`, `complete -c ${root.name} -f`, ...lines, ''].join(
    '\n',
  );
}

function commandLines(program: string, node: CommandNode): string[] {
  const start = `complete -c ${program} -n ${quote(condition(node))}`;
  return [
    ...node.commands.map(({ name, description }) => `${start} -a ${name} -d ${quote(description)}`),
    ...node.argumentChoices.map((choice) => `${start} -a ${choice}`),
    ...node.flags.map((flag) => `${start} ${flagWords(flag)}`),
  ];
}

/** Returns a shell condition that holds where this command's words are allowed. */
function condition({ path, commands }: CommandNode): string {
  const seen = path
    .split(' ')
    .slice(1)
    .map((word) => `__fish_seen_subcommand_from ${word}`);
  const below =
    commands.length === 0
      ? []
      : [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`];
  return [...seen, ...below].join('; and ');
}

function flagWords({ long, short, description, takesValue, choices, isPath }: FlagNode): string {
  const words = [`-l ${long.slice(2)}`];
  if (short !== undefined) words.push(`-s ${short.slice(1)}`);
  if (takesValue) words.push(isPath ? '-r -F' : '-x');
  if (choices.length > 0) words.push(`-a ${quote(choices.join(' '))}`);
  words.push(`-d ${quote(description)}`);
  return words.join(' ');
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
