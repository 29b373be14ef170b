import type { Command } from 'commander';
import { version } from '../../protocol/version.js';
import { write } from '../terminal.js';
import type { Terminal } from '../terminal.js';

const EXAMPLES = `
Examples:
  foghorn version
  foghorn --version`;

/** `foghorn version`: prints the version of the program. */
export function addVersion(program: Command, { stdout }: Terminal): void {
  program
    .command('version')
    .description('show the version')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      await write(stdout, `${version()}\n`);
    });
}
