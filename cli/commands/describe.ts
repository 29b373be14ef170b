import { Option } from 'commander';
import type { Command } from 'commander';
import { describeJson, describeTable } from './describe/description-text.js';
import { write } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from '../connection/with-client.js';

const EXAMPLES = `
Examples:
  foghorn describe
  foghorn -a 10.0.0.5:7877 describe
  foghorn describe --format json | jq -r .last.cursor`;

interface DescribeFlags {
  readonly format: 'table' | 'json';
}

/** `foghorn describe`: summarizes the history. */
export function addDescribe(program: Command, { stdout }: Terminal): void {
  program
    .command('describe')
    .description('summarize the history and its limits')
    .addOption(
      new Option('--format <FORMAT>', 'output format').choices(['table', 'json']).default('table'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async ({ format }: DescribeFlags, command: Command) => {
      await withClient(command, async (client) => {
        const description = await client.describe();
        await write(stdout, (format === 'json' ? describeJson : describeTable)(description) + '\n');
      });
    });
}
