import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { Client } from '../client/index.js';
import { FoghornError } from '../protos/errors.js';
import { PayloadTypes } from '../protos/payload-types.js';
import { protoFlag } from './flags.js';
import { parseEnvelopeJson } from './format/json.js';
import type { Terminal } from './terminal.js';
import { withClient } from './with-client.js';

const HELP = `
Envelopes are read from stdin, one JSON object per line, as \`foghorn events --format json\`
prints them, and stored in this order with their own time and namespace. A line that fails ends
it; stderr tells how many were stored before.

Examples:
  foghorn forward < envelopes.jsonl
  foghorn -a old-host:7877 events --no-follow --format json | foghorn forward`;

interface ForwardFlags {
  readonly proto?: readonly string[];
}

/** `foghorn forward`: stores envelopes as they are. */
export function addForward(program: Command, terminal: Terminal): void {
  program
    .command('forward')
    .description('store envelopes that have their own time and namespace')
    .addOption(protoFlag())
    .addHelpText('after', HELP)
    .action(async ({ proto = [] }: ForwardFlags, command: Command) => {
      const types = PayloadTypes.load(proto);
      await withClient(command, (client) => forwardLines(client, terminal, types));
    });
}

async function forwardLines(
  client: Client,
  { stdin }: Terminal,
  types: PayloadTypes,
): Promise<void> {
  let lineNumber = 0;
  let accepted = 0;
  for await (const line of createInterface({ input: stdin, crlfDelay: Infinity })) {
    lineNumber++;
    if (line.trim() === '') continue;
    try {
      await client.forward(parseEnvelopeJson(line, types));
    } catch (error) {
      if (!(error instanceof FoghornError)) throw error;
      const before = accepted === 1 ? '1 envelope was' : `${accepted} envelopes were`;
      throw new FoghornError(
        error.code,
        `line ${lineNumber}: ${error.message} (${before} accepted before it)`,
        { cause: error },
      );
    }
    accepted++;
  }
}
