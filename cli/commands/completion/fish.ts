import { allCommands, pathsOf, takesCommand, wordsOf } from './command-tree.js';
import type { ArgumentNode, CommandNode, FlagNode } from './command-tree.js';
import type { ValueSource } from './value-source.js';

/** Returns a script for fish: one `complete` line per command, flag and argument. */
export function fishCompletion(root: CommandNode): string {
  const commands = allCommands(root);
  return `# fish completion for ${root.name}
${functions(commands)}
complete -c ${root.name} -f
complete -c ${root.name} -n __foghorn_after_dashes -a '(__foghorn_command)'
${commands.flatMap((node) => commandLines(root.name, node)).join('\n')}
`;
}

function functions(commands: readonly CommandNode[]): string {
  const takingCommand = commands.filter(takesCommand).map(({ name }) => name);
  return `
# Prints the words that name the command before the cursor, and the number of its arguments.
function __foghorn_state
  set -l command foghorn
  set -l position 0
  set -l flag
  for word in (commandline -opc)[2..]
    if test -n "$flag"
      set flag
      continue
    end
    test "$word" = --; and break
    switch "$command $word"
${commands.slice(1).map(commandCase).join('\n')}
      case ${valueFlagPatterns(commands)}
        set flag $word
      case '* -*'
      case '*'
        set position (math $position + 1)
    end
  end
  echo "$command $position"
end

function __foghorn_at
  not __foghorn_after_dashes; and string match -q -- $argv[1] (__foghorn_state)
end

# Whether the cursor is in the command line that \`on\` and \`monitor\` run.
function __foghorn_after_dashes
  contains -- -- (commandline -opc)
  and string match -qr '^foghorn (${takingCommand.join('|')}) ' (__foghorn_state)
end

function __foghorn_command
  set -l words (commandline -opc)
  set -l dashes (contains -i -- -- $words)
  complete -C (string join ' ' -- (string escape -- $words[(math $dashes + 1)..]) (commandline -ct))
end

# Offers what the broker of this command line knows.
function __foghorn_ask
  set -l words (commandline -opc)
  set -l program foghorn
  string match -qr '^[A-Za-z0-9_./~-]+$' -- $words[1]; and set program $words[1]
  # The flag whose value is asked for has none yet.
  string match -q -- '-*' $words[-1]; and set -e words[-1]
  $program __complete $argv[1] $words[2..] 2> /dev/null < /dev/null
end

# Offers beginnings of values, and files after the first of them: BEFORE-FILE... -- OTHER...
function __foghorn_prefixes
  set -l current (string replace -r -- '^--[^=]+=' '' (commandline -ct))
  set -l dashes (contains -i -- -- $argv)
  for prefix in $argv[1..(math $dashes - 1)]
    if string match -q -- "$prefix*" $current
      set -l path (string sub -s (math (string length -- $prefix) + 1) -- $current)
      string replace -r -- '^' $prefix (__fish_complete_path $path)
      return
    end
  end
  string match -qr '^[./~]' -- $current; and __fish_complete_path $current
  for prefix in $argv
    test "$prefix" = --; or echo $prefix
  end
end
`;
}

function commandCase(node: CommandNode): string {
  const paths = pathsOf(node).map(quote);
  return `      case ${paths.join(' ')}\n        set command ${quote(node.path)}`;
}

function valueFlagPatterns(commands: readonly CommandNode[]): string {
  return commands
    .flatMap(({ path, flags }) =>
      flags
        .filter(({ takesValue }) => takesValue)
        .flatMap(wordsOf)
        .map((word) => quote(`${path} ${word}`)),
    )
    .join(' ');
}

function commandLines(program: string, node: CommandNode): string[] {
  const at = (state: string): string =>
    `complete -c ${program} -n ${quote(`__foghorn_at '${node.path} ${state}'`)}`;
  return [
    ...node.commands.map(
      ({ name, description }) => `${at('0')} -a ${name} -d ${quote(description)}`,
    ),
    ...node.arguments.flatMap((argument, index) => argumentLine(at, argument, index)),
    ...node.flags.map((flag) => `${at('*')} ${flagWords(flag)}`),
  ];
}

function argumentLine(
  at: (state: string) => string,
  { values, isVariadic }: ArgumentNode,
  index: number,
): string[] {
  const words = offer(values);
  return words === '' ? [] : [`${at(isVariadic ? '*' : `${index}`)} -k ${words}`];
}

function flagWords({ long, short, description, takesValue, values }: FlagNode): string {
  const words = [`-l ${long.slice(2)}`];
  if (short !== undefined) words.push(`-s ${short.slice(1)}`);
  if (takesValue) words.push(values.kind === 'files' ? '-r' : '-x', offer(values));
  words.push(`-d ${quote(description)}`);
  return words.filter((word) => word !== '').join(' ');
}

function offer(values: ValueSource): string {
  switch (values.kind) {
    case 'free':
      return '';
    case 'files':
      return '-F';
    case 'words':
      return `-a ${quote(values.words.join(' '))}`;
    case 'prefixes':
      return `-a ${quote(`(__foghorn_prefixes ${[...values.beforeFile, '--', ...values.others].join(' ')})`)}`;
    case 'asked':
      return `-a ${quote(`(__foghorn_ask ${values.what})`)}`;
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
