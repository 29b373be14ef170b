import type { Command } from 'commander';
import type { Client } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { forwardLines } from './forward/forward-lines.js';
import { protoFlag, spoolFlag } from '../flags.js';
import { keptText } from '../connection/spool-notes.js';
import { say } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from '../connection/with-client.js';
import { withSpool } from '../connection/with-spool.js';

const HELP = `
Reads envelopes from stdin, one JSON object per line, as \`foghorn events --format json\` prints
them, and stores them in this order with their own times and namespaces. Thousands are on their way at
a time. Stops at the first line that fails; stderr reports how many envelopes were stored before. A
few after a line that the broker refuses may be stored too. Envelopes that the history has already
are not stored again, so a file can be forwarded again from its first line.

With --spool no envelope is lost while the broker is away: envelopes are kept in DIR, and the next
command with the same --spool that reaches the broker stores them in order. Without input the command
stores the contents of DIR, and fails if it cannot.

Examples:
  foghorn forward < envelopes.jsonl
  foghorn -a old-host:7877 events --no-follow --format json | foghorn forward
  foghorn forward --spool ~/.foghorn-spool < /dev/null     # stores the contents of the spool`;

interface ForwardFlags {
  readonly proto?: readonly string[];
  readonly spool?: string;
}

/** `foghorn forward`: stores envelopes unchanged. */
export function addForward(program: Command, terminal: Terminal): void {
  program
    .command('forward')
    .description('store envelopes that have their own times and namespaces')
    .addOption(protoFlag())
    .addOption(spoolFlag('directory that keeps the envelopes while the broker is away'))
    .addHelpText('after', HELP)
    .action(async ({ proto = [], spool }: ForwardFlags, command: Command) => {
      const types = PayloadTypes.load(proto);
      try {
        if (spool === undefined) {
          await withClient(command, async (client) => {
            await forwardLines(client, terminal.stdin, types);
          });
        } else {
          await forwardThroughSpool(command, terminal, types, spool);
        }
      } catch (error) {
        throw asFailure(error);
      }
    });
}

/** Refused input is a failure, and not wrong usage of the command. */
function asFailure(error: unknown): unknown {
  const isRefusal = error instanceof FoghornError && error.code === 'INVALID_ARGUMENT';
  if (!isRefusal) return error;
  return new FoghornError('FAILED_PRECONDITION', error.message, { cause: error });
}

async function forwardThroughSpool(
  command: Command,
  terminal: Terminal,
  types: PayloadTypes,
  spool: string,
): Promise<void> {
  const unreachable = new AbortController();
  const { signal } = unreachable;
  await withSpool(
    command,
    terminal,
    spool,
    async (client) => {
      const last = await forwardLines(client, terminal.stdin, types);
      if (last === undefined) await drain(client, signal);
      if (last?.kind === 'spooled') say(terminal, keptText(spool));
    },
    (status) => {
      if (status.state === 'disconnected') unreachable.abort(status.error);
    },
  );
}

/** Stores the contents of the spool; throws the reason of the signal if that aborts. */
async function drain(client: Client, signal: AbortSignal): Promise<void> {
  try {
    await client.drainSpool({ signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
