import { Argument, type Command } from 'commander';
import { connect } from '../../client/index.js';
import { securityOf } from '../connection/client-options.js';
import { givenNamespace, type ClientFlags } from '../connection/with-client.js';
import { protoFlag } from '../flags.js';
import { write, type Terminal } from '../terminal.js';
import { ASKED_VALUES, type AskedValue } from './completion/value-source.js';
import { candidates, type Candidate } from './complete/candidates.js';

/** Time for the broker's answer: a person waits for it with a finger on Tab. */
const PATIENCE_MS = 1_000;

/**
 * `foghorn __complete`: prints values for the completion scripts, one a line, with a description
 * after a tab. Takes the words of an unfinished command line, and uses those of its flags that say
 * which broker is meant. Prints nothing where that broker does not answer at once.
 */
export function addComplete(program: Command, terminal: Terminal): void {
  program
    .command('__complete', { hidden: true })
    .addArgument(new Argument('<KIND>', 'kind of the values').choices(ASKED_VALUES))
    .argument('[WORD...]', 'words before the cursor')
    .addOption(protoFlag())
    .helpOption(false)
    .allowUnknownOption()
    .action(async (kind: AskedValue, _words: string[], _flags, command: Command) => {
      const found = await find(kind, command, terminal).catch(() => []);
      const lines = found
        .filter(({ value }) => isOneWord(value))
        .map(({ value, description }) => `${value}\t${description.replace(/\p{Cc}/gu, ' ')}`);
      await write(terminal.stdout, lines.map((line) => `${line}\n`).join(''));
    });
}

async function find(
  kind: AskedValue,
  command: Command,
  { surroundings }: Terminal,
): Promise<readonly Candidate[]> {
  const flags = command.optsWithGlobals<ClientFlags & { readonly proto?: readonly string[] }>();
  const client = connect({ address: flags.address, ...securityOf(command) });
  try {
    return await candidates(kind, {
      client,
      surroundings,
      namespace: givenNamespace(command),
      protoDirectories: flags.proto ?? [],
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } finally {
    await client.close();
  }
}

/** False for a value that no shell can offer as it is. */
function isOneWord(value: string): boolean {
  return value !== '' && !/\p{Cc}/u.test(value);
}
