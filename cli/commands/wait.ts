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
The exit code goes to stdout, as \`docker wait\` prints it; 128 + n stands for an end by signal n.
What has ended already is answered at once. Without --pid, --after and --next it is about the newest
run: one that runs, or is only created, is waited for. The namespace is that of --namespace. A broker
that restarts is waited for.

Examples:
  foghorn wait backup
  foghorn -n moby wait web-1 --timeout 30s
  foghorn wait backup --after "$(foghorn events --container backup --topic /tasks/start \\
    --since 1h --no-follow --limit 1 --format json | jq -r .cursor)"     how that run ended`;

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
    .description('wait for the end of a container and print its exit code')
    .argument('<CONTAINER>', "the container's id")
    .addOption(flag('--exec <ID>', "the end of this exec, not of the container's own process"))
    .addOption(durationFlag('--timeout <D>', 'fail when it has not ended by then'))
    .addOption(
      flag('--pid <PID>', 'the end of the first run with this process id', parsePid).conflicts([
        'after',
        'next',
      ]),
    )
    .addOption(
      flag(
        '--after <CURSOR>',
        "the first end after the event with this cursor, such as a run's start",
      ).conflicts('next'),
    )
    .option('--next', 'the first end from now on')
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

/** Somebody who has mistyped the name would otherwise wait without ever knowing why. */
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
  say(terminal, `nothing is known of container ${id} in namespace ${namespace} yet; waiting`);
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
  throw new FoghornError('INVALID_ARGUMENT', `Expected a process id, ${MAX_PID} at most.`);
}
