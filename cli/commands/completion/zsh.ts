import { allCommands, takesCommand } from './command-tree.js';
import type { ArgumentNode, CommandNode, FlagNode } from './command-tree.js';
import type { ValueSource } from './value-source.js';

/** Returns a script for zsh: one function per command, each an `_arguments` call over its flags. */
export function zshCompletion(root: CommandNode): string {
  return `#compdef ${root.name}
${FUNCTIONS}
${allCommands(root).map(commandFunction).join('\n')}
# Autoloaded, this file is the completion function; sourced, it only registers it.
if [[ $funcstack[1] == _${root.name} ]]; then
  _${root.name} "$@"
else
  compdef _${root.name} ${root.name}
fi
`;
}

/** Functions of the script. `foghorn_typed` are the words of the whole line before the cursor. */
const FUNCTIONS = `
# Offers what the broker of this command line knows, each with its description.
_foghorn_ask() {
  local program=$foghorn_typed[1] line
  local -a found values shown arguments=("\${(@Q)foghorn_typed[2,-1]}")
  # The flag whose value is asked for has none yet.
  [[ $arguments[-1] == -* ]] && shift -p arguments
  [[ $program =~ '^[A-Za-z0-9_./~-]+$' ]] || program=foghorn
  found=("\${(@f)$(eval $program' __complete $1 "\${(@)arguments}"' 2> /dev/null < /dev/null)}")
  for line in $found; do
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line//$'\\t'/  -- }")
  done
  (( $#values )) && compadd -l -d shown -a values
}

# Offers beginnings of values, and files after the first of them: BEFORE-FILE... -- OTHER...
_foghorn_prefixes() {
  local prefix
  for prefix in $argv[1,(i)--]; do
    if [[ $prefix != -- && $PREFIX == $prefix* ]]; then
      compset -P $prefix
      _files
      return
    fi
  done
  [[ $PREFIX == [./~]* ]] && _files
  compadd -S '' -- \${argv:#--}
}
`;

function commandFunction(node: CommandNode): string {
  const isRoot = !node.path.includes(' ');
  const specs = [
    ...node.flags.map(flagSpec),
    ...node.arguments.map(argumentSpec),
    ...(node.commands.length > 0
      ? [quote('1:command:->command'), quote('*::argument:->rest')]
      : []),
  ];
  return `${functionName(node)}() {
  local state line
  typeset -A opt_args
${isRoot ? '  local -a foghorn_typed=("${(@)words[1,CURRENT-1]}")\n' : ''}${takesCommand(node) ? COMMAND_AFTER_DASHES : ''}  _arguments -C \\
    ${specs.join(' \\\n    ')}
${node.commands.length > 0 ? dispatch(node.commands) : ''}}
`;
}

/** Completes the command line after "--" as one of its own. */
const COMMAND_AFTER_DASHES = `  local -i dashes=\${words[(i)--]}
  if (( dashes < CURRENT )); then
    shift $dashes words
    (( CURRENT -= dashes ))
    _normal
    return
  fi
`;

function dispatch(commands: readonly CommandNode[]): string {
  const described = commands.map(({ name, description }) => quote(`${name}:${description}`));
  const cases = commands.map(
    (child) => `        ${[child.name, ...child.aliases].join('|')}) ${functionName(child)} ;;`,
  );
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

function flagSpec({ long, short, description, takesValue, values }: FlagNode): string {
  const text = description.replace(/[[\]:\\]/g, '\\$&');
  const value = takesValue ? `:value:${action(values)}` : '';
  // With "=" a flag also takes its value in the same word.
  const names = takesValue ? [`${long}=`, short] : [long, short];
  return names
    .filter((name) => name !== undefined)
    .map((name) => quote(`*${name}[${text}]${value}`))
    .join(' ');
}

function argumentSpec({ name, values, isVariadic }: ArgumentNode, index: number): string {
  return quote(`${isVariadic ? '*' : `${index + 1}`}:${name}:${action(values)}`);
}

function action(values: ValueSource): string {
  switch (values.kind) {
    case 'free':
      return ' ';
    case 'files':
      return '_files';
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'prefixes':
      return ` _foghorn_prefixes ${[...values.beforeFile, '--', ...values.others].join(' ')}`.replaceAll(
        ':',
        '\\:',
      );
    case 'asked':
      return ` _foghorn_ask ${values.what}`;
  }
}

function functionName({ path }: CommandNode): string {
  return `_${path.replaceAll(' ', '_')}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
