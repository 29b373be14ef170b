import type { Command } from 'commander';
import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { JSON_OBJECT_TYPE } from '../../protocol/json-value.js';
import type { MessageShape } from '../../protocol/payload-shape.js';
import { closest } from '../closest.js';
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
      const names = types.names();
      const found = names.filter((each) => each.toLowerCase().includes(wanted));
      if (found.length === 0) throw unknownType(String(name), names);
      const lines = found.sort().map((each) => {
        const shape = types.find(each)?.shape;
        return `${each}: ${shape === undefined ? '' : contentText(shape)}\n`;
      });
      await write(terminal.stdout, lines.join(''));
    });
}

function unknownType(name: string, names: readonly string[]): FoghornError {
  const shortNames = new Map(names.map((each) => [each.split('.').at(-1) ?? each, each]));
  const similar = closest(name, [...names, ...shortNames.keys()]);
  const meant = similar === undefined ? undefined : (shortNames.get(similar) ?? similar);
  const hint = meant === undefined ? 'see foghorn types for all' : `did you mean ${meant}?`;
  const text = `no payload type has ${quotedExcerpt(name)} in its name: ${hint}`;
  return new FoghornError('NOT_FOUND', text);
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
