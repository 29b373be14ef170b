import type { Command } from 'commander';
import type { Client } from '../../client/index.js';
import { MAX_PID } from '../../protocol/limits.js';
import { FoghornError } from '../../protocol/errors.js';
import { ConnectionNotes } from '../connection/connection-notes.js';
import { durationFlag, flag, parseCount } from '../flags.js';
import { say, write } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from '../connection/with-client.js';
import type { ClientFlags } from '../connection/with-client.js';

const HELP = `
Prints the exit code to stdout as \`docker wait\` does; 128 + n means that signal n ended the process.
By default the newest run counts: a run that has ended is answered at once, one that runs or is only
created is waited for. --pid, --after and --next select another run. The container is looked up by its
id, as in the events, in the namespace of --namespace. When the broker restarts, the command waits for
it.

Examples:
  foghorn wait backup
  foghorn -n moby wait "$(docker inspect --format '{{.Id}}' web)" --timeout 30s
  foghorn wait backup --after "$(foghorn events --container backup --topic /tasks/start \\
    --since 1h --no-follow --limit 1 --format json | jq -r .cursor)"     # how that run ended`;

interface WaitFlags extends ClientFlags {
  readonly exec?: string;
  readonly timeout?: bigint;
  readonly pid?: number;
  readonly after?: string;
  readonly next?: true;
}

/** `foghorn wait`: prints how a run of a container ended. */
export function addWait(program: Command, terminal: Terminal): void {
  program
    .command('wait')
    .description('wait until a container ends and print its exit code')
    .argument('<CONTAINER>', 'container id, as in the events')
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
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<WaitFlags>();
      await withClient(command, async (client) => {
        await sayIfUnknown(client, id, flags.namespace, terminal);
        const { status } = await client.wait({ id }, waitOptions(flags, terminal));
        await write(terminal.stdout, `${status}\n`);
      });
    });
}

/** Reports an unknown container, because a mistyped id would otherwise wait without explanation. */
async function sayIfUnknown(
  client: Client,
  id: string,
  namespace: string,
  terminal: Terminal,
): Promise<void> {
  const past = client.read({
    container: { namespace, id },
    start: 'earliest',
    limit: 1,
    stopWhenCaughtUp: true,
    gapPolicy: 'continue',
  });
  for await (const { kind } of past) if (kind === 'entries') return;
  say(terminal, `container ${id} is not known in namespace ${namespace} yet; waiting for it`);
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
