import { Argument } from 'commander';
import type { Command } from 'commander';
import { bashCompletion } from './completion/bash.js';
import { commandTree, withHelp } from './completion/command-tree.js';
import { fishCompletion } from './completion/fish.js';
import { zshCompletion } from './completion/zsh.js';
import { write } from '../terminal.js';
import type { Terminal } from '../terminal.js';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

const EXAMPLES = `
Examples:
  source <(foghorn completion bash)
  foghorn completion zsh > "\${fpath[1]}/_foghorn"
  foghorn completion fish > ~/.config/fish/completions/foghorn.fish`;

/** `foghorn completion`: prints a script that completes commands and flags in a shell. */
export function addCompletion(program: Command, { stdout }: Terminal): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .configureHelp({ showGlobalOptions: false })
    .addArgument(new Argument('<SHELL>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: keyof typeof SCRIPTS) => {
      await write(stdout, SCRIPTS[shell](withHelp(commandTree(program))));
    });
}
