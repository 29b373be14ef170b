import type { Command } from 'commander';
import type { Client } from '../../client/index.js';
import { MAX_PID } from '../../protocol/limits.js';
import { FoghornError } from '../../protocol/errors.js';
import { ConnectionNotes } from '../connection/connection-notes.js';
import { durationFlag, flag, parseCount, textArguments } from '../flags.js';
import { say, write } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { givenNamespace, withClient } from '../connection/with-client.js';
import type { ClientFlags } from '../connection/with-client.js';
import { findAwaited, type AwaitedContainer } from './wait/find-awaited.js';

const HELP = `
Prints the exit code to stdout as \`docker wait\` does; 128 + n means that signal n ended the process.
By default the newest run counts: a run that has ended is answered at once, one that runs or is only
created is waited for. --pid, --after and --next select another run. When the broker restarts, the
command waits for it.

A CONTAINER is an id, a name, or the beginning of an id, of any namespace unless --namespace names
one. Of several CONTAINERs, each is printed with its name when it has ended; with --any, only the
first that ends. A container that is not known is an error, unless --for-creation waits for it: it is
then an id in the namespace of --namespace.

Examples:
  foghorn wait web
  foghorn wait web db --timeout 30s
  foghorn wait --any web db --next
  foghorn wait --for-creation backup
  foghorn wait backup --after "$(foghorn events --container backup --topic /tasks/start \\
    --since 1h --no-follow --limit 1 --format json | jq -r .cursor)"     # how that run ended`;

interface WaitFlags extends ClientFlags {
  readonly exec?: string;
  readonly timeout?: bigint;
  readonly pid?: number;
  readonly after?: string;
  readonly next?: true;
  readonly any?: true;
  readonly forCreation?: true;
}

/** `foghorn wait`: prints how runs of containers ended. */
export function addWait(program: Command, terminal: Terminal): void {
  program
    .command('wait')
    .description('wait until containers end and print their exit codes')
    .argument('<CONTAINER...>', 'names, ids, or beginnings of ids', textArguments)
    .option('--any', 'end when the first of the containers has ended')
    .option('--for-creation', 'wait for a container that is not known yet')
    .addOption(flag('--exec <ID>', "wait for this exec instead of the container's own process"))
    .addOption(durationFlag('--timeout <D>', 'fail if it has not ended within this duration'))
    .addOption(
      flag('--pid <PID>', 'wait for the first run with this process id', parsePid).conflicts([
        'after',
        'next',
      ]),
    )
    .addOption(
      flag(
        '--after <CURSOR>',
        "wait for the first end after the event with this cursor, such as a run's start",
      ).conflicts('next'),
    )
    .option('--next', 'wait for the next end from now on')
    .addHelpText('after', HELP)
    .action(async (references: string[], _flags, command: Command) => {
      const flags = command.optsWithGlobals<WaitFlags>();
      await withClient(command, async (client) => {
        const awaited: AwaitedContainer[] = [];
        for (const reference of references) {
          const namespace = givenNamespace(command);
          const { forCreation = false } = flags;
          const scope = { namespace, assumedNamespace: flags.namespace, forCreation };
          awaited.push(await findAwaited(client, terminal, reference, scope));
        }
        await waitForAll(client, awaited, flags, terminal);
      });
    });
}

/** Waits for containers side by side, and prints each when it has ended. */
async function waitForAll(
  client: Client,
  awaited: readonly AwaitedContainer[],
  flags: WaitFlags,
  terminal: Terminal,
): Promise<void> {
  const { stdout } = terminal;
  const over = new AbortController();
  const options = { ...waitOptions(flags, terminal), signal: over.signal };
  const wait = async (container: AwaitedContainer): Promise<string> => {
    const exit = await client.wait(container, options).catch((error: unknown) => {
      throw byReference(error, container);
    });
    return awaited.length === 1 ? `${exit.status}\n` : `${container.reference} ${exit.status}\n`;
  };
  if (flags.any === true) {
    try {
      await write(stdout, await Promise.race(awaited.map(wait)));
    } finally {
      over.abort();
    }
    return;
  }
  const failures: FoghornError[] = [];
  await Promise.all(
    awaited.map(async (container) => {
      try {
        await write(stdout, await wait(container));
      } catch (error) {
        if (!(error instanceof FoghornError)) throw error;
        failures.push(error);
      }
    }),
  );
  const [first, ...rest] = failures;
  for (const { message } of rest) say(terminal, message);
  if (first !== undefined) throw first;
}

/** Names the container in an error as the user has named it. */
function byReference(error: unknown, { id, reference }: AwaitedContainer): unknown {
  if (!(error instanceof FoghornError) || id === reference) return error;
  const message = error.message.replaceAll(`container ${id}`, `container ${reference}`);
  return new FoghornError(error.code, message, { cause: error });
}

function waitOptions({ exec, timeout, pid, after, next }: WaitFlags, terminal: Terminal) {
  const notes = new ConnectionNotes('the broker', (text) => {
    say(terminal, text);
  });
  return {
    ...(exec !== undefined && { exec }),
    ...(timeout !== undefined && { timeout: Math.ceil(Number(timeout) / 1e6) }),
    ...(pid !== undefined && { pid }),
    ...(after !== undefined && { after }),
    ...(next !== undefined && { next }),
    onStatus: notes.status,
  };
}

function parsePid(text: string): number {
  const pid = parseCount(text);
  if (pid <= MAX_PID) return pid;
  throw new FoghornError('INVALID_ARGUMENT', `Expected a process id of at most ${MAX_PID}.`);
}
