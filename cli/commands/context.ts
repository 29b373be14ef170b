import { resolve } from 'node:path';
import type { Command } from 'commander';
import { FoghornError } from '../../protocol/errors.js';
import { Contexts, NO_CONTEXT, type BrokerContext } from '../connection/contexts.js';
import { checkCertificate } from '../connection/client-options.js';
import { givenNamespace } from '../connection/with-client.js';
import { isStyled } from '../format/style.js';
import { TextTable, type Column } from '../format/table.js';
import { write, writeExactly, type Terminal } from '../terminal.js';

const HELP = `
A context is a named broker: its address, its namespace, and the files that protect the connection.
--context NAME or FOGHORN_CONTEXT uses it for one command, \`context use\` for all that name no broker.

Examples:
  foghorn context add prod -a broker:7877 --tls-ca ca.pem --token-file ~/.foghorn-token
  foghorn context use prod
  foghorn --context prod ps
  foghorn context use ${NO_CONTEXT}            # the broker of this machine`;

const EXAMPLES = {
  ls: ['foghorn context ls', 'watch foghorn context ls'],
  add: [
    'foghorn context add lab -a 10.0.0.5:7877 -n moby',
    'foghorn context add prod -a broker:7877 --tls-ca ca.pem --token-file ~/.foghorn-token',
  ],
  use: ['foghorn context use lab', `foghorn context use ${NO_CONTEXT}`],
  rm: ['foghorn context rm lab', 'foghorn context rm prod'],
};

/** A row of the list: the name of a context and its values. */
interface ContextRow extends BrokerContext {
  readonly name: string;
  readonly isCurrent: boolean;
}

const COLUMNS: readonly Column<ContextRow>[] = [
  { title: 'NAME', text: ({ name, isCurrent }) => (isCurrent ? `${name} *` : name) },
  { title: 'ADDRESS', text: ({ address }) => address },
  { title: 'NAMESPACE', text: ({ namespace = '' }) => namespace },
  { title: 'TLS', text: ({ tlsCa, tlsCert = tlsCa }) => tlsCert ?? '' },
  { title: 'TOKEN', text: ({ tokenFile = '' }) => tokenFile },
];

/** `foghorn context`: names brokers, and chooses the one that commands use. */
export function addContext(program: Command, terminal: Terminal): void {
  const context = program
    .command('context')
    .description('name brokers, and choose the one that commands use')
    .addHelpText('after', HELP);
  const add = (name: keyof typeof EXAMPLES, description: string): Command =>
    context
      .command(name)
      .description(description)
      .addHelpText('after', `\nExamples:\n  ${EXAMPLES[name].join('\n  ')}`);
  const open = (): Contexts => new Contexts(terminal.surroundings);
  add('ls', 'list contexts; * is in use').action((_flags, command: Command) =>
    list(terminal, open(), command.optsWithGlobals<{ readonly context?: string }>().context),
  );
  add('add', 'add a context, or replace one: --address and what else a command takes for it')
    .argument('<NAME>', 'name of the context')
    .action(async (name: string, _flags, command: Command) => {
      const contexts = open();
      const what = contexts.names.includes(name) ? 'replaced' : 'added';
      const values = contextOf(command, terminal);
      contexts.set(name, values);
      await write(terminal.stdout, `${what} context ${name}: ${values.address}\n`);
    });
  add('use', `use a context in all commands that name no broker; ${NO_CONTEXT} for none`)
    .argument('<NAME>', 'name of the context')
    .action(async (name: string) => {
      open().use(name);
      const broker = name === NO_CONTEXT ? 'the broker of this machine' : `context ${name}`;
      await write(terminal.stdout, `commands that name no broker use ${broker} now\n`);
    });
  add('rm', 'remove a context')
    .argument('<NAME>', 'name of the context')
    .action(async (name: string) => {
      const contexts = open();
      const wasInUse = contexts.current === name;
      contexts.remove(name);
      const note = wasInUse
        ? ', which was in use: commands use the broker of this machine now'
        : '';
      await write(terminal.stdout, `removed context ${name}${note}\n`);
    });
}

/** @param given name by --context or FOGHORN_CONTEXT, which counts instead of the one in use */
async function list(
  terminal: Terminal,
  contexts: Contexts,
  given: string | undefined,
): Promise<void> {
  const { stdout, surroundings } = terminal;
  const rows = contexts.names.map((name) => ({
    ...contexts.get(name),
    name,
    isCurrent: name === (given ?? contexts.current),
  }));
  const table = new TextTable(COLUMNS, {
    width: stdout.columns,
    isStyled: isStyled(stdout, surroundings),
  });
  await writeExactly(
    stdout,
    table
      .lines(rows)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** The context that the flags of a command line describe; paths become absolute. */
function contextOf(command: Command, { surroundings: { directory } }: Terminal): BrokerContext {
  const flags = command.optsWithGlobals<Readonly<Record<string, string>>>();
  const given = (name: string): string | undefined =>
    command.getOptionValueSourceWithGlobals(name) === 'cli' ? flags[name] : undefined;
  const path = (name: string): string | undefined => {
    const value = given(name);
    return value === undefined ? undefined : resolve(directory, value);
  };
  const address = given('address');
  if (address === undefined) {
    throw new FoghornError('INVALID_ARGUMENT', 'expected --address: the address of the broker');
  }
  const [tlsCa, tlsCert, tlsKey, tokenFile] = ['tlsCa', 'tlsCert', 'tlsKey', 'tokenFile'].map(path);
  checkCertificate({ tlsCert, tlsKey });
  return { address, namespace: givenNamespace(command), tlsCa, tlsCert, tlsKey, tokenFile };
}
