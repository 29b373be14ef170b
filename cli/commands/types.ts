import type { Command } from 'commander';
import { JSON_OBJECT_TYPE } from '../../protocol/json-value.js';
import type { MessageShape } from '../../protocol/payload-shape.js';
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
          const shape = types.find(each)?.shape;
          return `${each}: ${shape === undefined ? '' : contentText(shape)}\n`;
        });
      await write(terminal.stdout, lines.join(''));
    });
}

/** JSON notations of types that are not an object of their fields. */
const NOTATIONS: ReadonlyMap<string, string> = new Map([
  ['json', 'JSON'],
  ['timestamp', 'time in RFC 3339'],
  ['duration', 'seconds such as "3.5s"'],
]);

function contentText({ name, fields, asValue: { kind } }: MessageShape): string {
  if (name === JSON_OBJECT_TYPE) return 'any JSON object; what --json is without --type';
  if (kind === 'wrapper') return 'one JSON value';
  return NOTATIONS.get(kind) ?? fields.map((field) => field.name).join(', ');
}
