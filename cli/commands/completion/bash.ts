import { allCommands } from './command-tree.js';
import type { CommandNode, FlagNode } from './command-tree.js';

/** Returns a script for bash: finds the command before the cursor, then offers its words. */
export function bashCompletion(root: CommandNode): string {
  const commands = allCommands(root);
  return `# bash completion for ${root.name}
_${root.name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command=${root.name} flag= word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [[ -n $flag ]]; then
      flag=
      continue
    fi
    case "$command $word" in
      ${commands
        .slice(1)
        .map(({ path }) => `"${path}"`)
        .join(' | ')}) command="$command $word" ;;
      ${valueFlagPatterns(commands)}) flag="$word" ;;
    esac
  done
  COMPREPLY=()
  case "$command $flag" in
${commands.flatMap(flagValueCases).join('\n')}
  esac
  [[ -n $flag ]] && return
  case "$command" in
${commands.map(wordCase).join('\n')}
  esac
}
complete -F _${root.name} ${root.name}
`;
}

function valueFlagPatterns(commands: readonly CommandNode[]): string {
  return commands
    .flatMap(({ path, flags }) =>
      flags.filter(({ takesValue }) => takesValue).flatMap((flag) => patterns(path, flag)),
    )
    .join(' | ');
}

function patterns(path: string, { long, short }: FlagNode): string[] {
  return [long, short].filter((name) => name !== undefined).map((name) => `"${path} ${name}"`);
}

function flagValueCases({ path, flags }: CommandNode): string[] {
  return flags
    .filter(({ choices, isPath }) => choices.length > 0 || isPath)
    .map((flag) => {
      const offer = flag.isPath
        ? 'compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current")'
        : offerWords(flag.choices);
      return `    ${patterns(path, flag).join(' | ')}) ${offer} ;;`;
    });
}

function wordCase({ path, commands, argumentChoices, flags }: CommandNode): string {
  const words = [
    ...commands.map(({ name }) => name),
    ...argumentChoices,
    ...flags.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short])),
  ];
  return `    "${path}") ${offerWords(words)} ;;`;
}

function offerWords(words: readonly string[]): string {
  return `mapfile -t COMPREPLY < <(compgen -W "${words.join(' ')}" -- "$current")`;
}
