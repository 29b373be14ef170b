import { allCommands, pathsOf, takesCommand, wordsOf } from './command-tree.js';
import type { CommandNode, FlagNode } from './command-tree.js';
import type { ValueSource } from './value-source.js';

/** Returns a script for bash: finds the command before the cursor, then offers its words. */
export function bashCompletion(root: CommandNode): string {
  const commands = allCommands(root);
  const takingCommand = commands.filter(takesCommand).map(({ path }) => `$command == '${path}'`);
  return `# bash completion for ${root.name}
${FUNCTIONS}
_foghorn() {
  local typed current command=foghorn flag= stem= position=0 dashes= word
  COMPREPLY=()
  _foghorn_split
  for word in "\${typed[@]:1}"; do
    if [[ -n $flag ]]; then
      flag=
      continue
    fi
    if [[ $word == -- ]]; then
      dashes=1
      break
    fi
    case "$command $word" in
${commands.slice(1).map(commandCase).join('\n')}
      ${valueFlagPatterns(commands)}) flag="$word" ;;
      *' -'*) ;;
      *) ((position += 1)) ;;
    esac
  done
  if [[ -n $dashes && ( ${takingCommand.join(' || ')} ) ]]; then
    _foghorn_command
    return
  fi
  if [[ -z $flag$dashes && $current == --*=* ]]; then
    flag="\${current%%=*}"
    stem="$flag="
    current="\${current#*=}"
  fi
  if [[ -n $flag ]]; then
    case "$command $flag" in
${commands.flatMap(flagValueCases).join('\n')}
    esac
  else
    [[ $current == -* ]] || case "$command $position" in
${commands.flatMap(argumentCases).join('\n')}
    esac
    [[ \${#COMPREPLY[@]} -gt 0 ]] || case "$command" in
${commands.map(wordCase).join('\n')}
    esac
  fi
  _foghorn_cut
}
complete -F _foghorn ${root.name}
`;
}

/**
 * Functions of the script. They share the variables of its main function: `current` is the word at
 * the cursor, and `typed` are the words before it.
 */
const FUNCTIONS = `
# Joins what bash has split at "=" and ":", as far as the cursor.
_foghorn_split() {
  local line="\${COMP_LINE:0:COMP_POINT}" word index
  typed=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if ((index == 0)) || [[ $line == [[:space:]]* ]]; then
      line="\${line#"\${line%%[![:space:]]*}"}"
      typed+=('')
    fi
    [[ "$line" == "$word"* ]] || word="$line"
    typed[-1]+="$word"
    line="\${line#"$word"}"
  done
  current="\${typed[-1]}"
  # An opening quote is no part of what bash replaces.
  [[ $current != [\\"\\']* ]] || current="\${current:1}"
  unset 'typed[-1]'
}

# Offers those words that begin as the current one does.
_foghorn_offer() {
  local value
  for value in "$@"; do
    [[ "$value" == "$current"* ]] && printf -v value %q "$value" && COMPREPLY+=("$value")
  done
}

_foghorn_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

# Offers beginnings of values, and files after the first of them: BEFORE-FILE... -- OTHER...
_foghorn_prefixes() {
  local prefix
  for prefix in "$@"; do
    [[ $prefix == -- ]] && break
    [[ "$current" == "$prefix"* ]] || continue
    compopt -o filenames -o nospace 2> /dev/null
    mapfile -t COMPREPLY < <(compgen -P "$prefix" -f -- "\${current#"$prefix"}")
    return
  done
  for prefix in "$@"; do
    [[ $prefix == -- ]] || _foghorn_offer "$prefix"
  done
  if [[ $current == [./~]* ]]; then _foghorn_files; else compopt -o nospace 2> /dev/null; fi
}

# Offers what the broker of this command line knows. The command may be an alias or a path, so it is
# evaluated, unless it is more than a name.
_foghorn_ask() {
  local program="\${typed[0]}" line arguments=()
  [[ $program =~ ^[A-Za-z0-9_./~-]+$ ]] || program=foghorn
  for line in "\${typed[@]:1}"; do arguments+=("\${line//[\\"\\'\\\\]/}"); done
  # The flag whose value is asked for has none yet.
  [[ \${typed[-1]} != -* ]] || unset 'arguments[-1]'
  while IFS= read -r line; do
    _foghorn_offer "\${line%%$'\\t'*}"
  done < <(eval "$program"' __complete "$1" "\${arguments[@]}"' 2> /dev/null < /dev/null)
}

# Completes the command line after "--".
_foghorn_command() {
  local index=0
  until [[ \${COMP_WORDS[index]} == -- ]]; do ((index += 1)); done
  if declare -F _command_offset > /dev/null; then
    _command_offset $((index + 1))
  elif ((COMP_CWORD == index + 1)); then
    mapfile -t COMPREPLY < <(compgen -c -- "$current")
  else
    _foghorn_files
  fi
}

# Leaves of each offer what bash replaces: the part after the last "=" or ":".
_foghorn_cut() {
  local breaks= head= index
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+== stem=
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
  [[ -n $breaks ]] && head="\${current%"\${current##*[$breaks]}"}"
  for index in "\${!COMPREPLY[@]}"; do
    COMPREPLY[index]="$stem\${COMPREPLY[index]#"$head"}"
  done
}
`;

function commandCase(node: CommandNode): string {
  const patterns = pathsOf(node).map((path) => `"${path}"`);
  return `      ${patterns.join(' | ')}) command="${node.path}" ;;`;
}

function valueFlagPatterns(commands: readonly CommandNode[]): string {
  return commands
    .flatMap(({ path, flags }) =>
      flags.filter(({ takesValue }) => takesValue).flatMap((flag) => patterns(path, flag)),
    )
    .join(' | ');
}

function patterns(path: string, flag: FlagNode): string[] {
  return wordsOf(flag).map((word) => `"${path} ${word}"`);
}

function flagValueCases({ path, flags }: CommandNode): string[] {
  return flags.flatMap((flag) => {
    const offer = offerValues(flag.values);
    return offer === undefined ? [] : [`      ${patterns(path, flag).join(' | ')}) ${offer} ;;`];
  });
}

function argumentCases({ path, arguments: list }: CommandNode): string[] {
  return list.flatMap(({ values, isVariadic }, index) => {
    const offer = offerValues(values);
    if (offer === undefined) return [];
    return [`      "${path} "${isVariadic ? '*' : index}) ${offer} ;;`];
  });
}

function wordCase({ path, commands, flags }: CommandNode): string {
  const words = [...commands.map(({ name }) => name), ...flags.flatMap(wordsOf)];
  return `      "${path}") _foghorn_offer ${words.join(' ')} ;;`;
}

function offerValues(values: ValueSource): string | undefined {
  switch (values.kind) {
    case 'free':
      return undefined;
    case 'files':
      return '_foghorn_files';
    case 'words':
      return `_foghorn_offer ${values.words.join(' ')}`;
    case 'prefixes':
      return `_foghorn_prefixes ${values.beforeFile.join(' ')} -- ${values.others.join(' ')}`;
    case 'asked':
      return `_foghorn_ask ${values.what}`;
  }
}
