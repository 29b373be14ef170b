import type { Command } from 'commander';
import { protoFlag } from '../flags.js';
import { write } from '../terminal.js';
import type { Terminal } from '../terminal.js';

const HELP = `
Lists the payload types that \`publish --type\` takes and filters look into, with their fields. A name
leaves the types whose name contains it.

Examples:
  foghorn types
  foghorn types TaskExit
  foghorn types --proto ./protos`;

/** `foghorn types`: lists payload types and their fields. */
export function addTypes(program: Command, terminal: Terminal): void {
  program
    .command('types')
    .description('list payload types and their fields')
    .argument('[NAME]', 'part of a name')
    .addOption(protoFlag())
    .addHelpText('after', HELP)
    .action(async (name = '', { proto = [] }: { readonly proto?: readonly string[] }) => {
      const { PayloadTypes } = await import('../../protocol/payload-types.js');
      const types = PayloadTypes.load(proto);
      const wanted = String(name).toLowerCase();
      const lines = types
        .names()
        .filter((each) => each.toLowerCase().includes(wanted))
        .sort()
        .map((each) => {
          const fields = types.find(each)?.shape.fields.map((field) => field.name) ?? [];
          return `${each}: ${fields.join(', ')}\n`;
        });
      await write(terminal.stdout, lines.join(''));
    });
}
