import { allCommands } from './command-tree.js';
import type { CommandNode, FlagNode } from './command-tree.js';

/** Returns a script for zsh: one function per command, each an `_arguments` call over its flags. */
export function zshCompletion(root: CommandNode): string {
  return `#compdef ${root.name}
${allCommands(root).map(commandFunction).join('\n')}
# Autoloaded, this file is the completion function; sourced, it only registers it.
if [[ $funcstack[1] == _${root.name} ]]; then
  _${root.name} "$@"
else
  compdef _${root.name} ${root.name}
fi
`;
}

function commandFunction(node: CommandNode): string {
  const specs = [
    ...node.flags.map(flagSpec),
    ...(node.argumentChoices.length > 0
      ? [quote(`1:argument:(${node.argumentChoices.join(' ')})`)]
      : []),
    ...(node.commands.length > 0
      ? [quote('1:command:->command'), quote('*::argument:->rest')]
      : []),
  ];
  return `${functionName(node)}() {
  local state line
  typeset -A opt_args
  _arguments -C \\
    ${specs.join(' \\\n    ')}
${node.commands.length > 0 ? dispatch(node.commands) : ''}}
`;
}

function dispatch(commands: readonly CommandNode[]): string {
  const described = commands.map(({ name, description }) => quote(`${name}:${description}`));
  const cases = commands.map((child) => `        ${child.name}) ${functionName(child)} ;;`);
  return `  case $state in
    command)
      local -a commands=(${described.join(' ')})
      _describe command commands
      ;;
    rest)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac
`;
}

function flagSpec({ long, short, description, takesValue, choices, isPath }: FlagNode): string {
  const text = description.replace(/[[\]:\\]/g, '\\$&');
  const values = isPath ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : ' ';
  const value = takesValue ? `:value:${values}` : '';
  return [long, short]
    .filter((name) => name !== undefined)
    .map((name) => quote(`*${name}[${text}]${value}`))
    .join(' ');
}

function functionName({ path }: CommandNode): string {
  return `_${path.replaceAll(' ', '_')}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
