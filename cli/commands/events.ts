import { Option } from 'commander';
import type { Command } from 'commander';
import type { Client, ReadOptions, ReadStart } from '../../client/index.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { ConnectionNotes } from '../connection/connection-notes.js';
import { readDockerEvents } from './events/docker-events.js';
import { eventFormatter } from './events/event-format.js';
import type { EventFormat } from './events/event-format.js';
import { countFlag, flag, protoFlag, timeFlag } from '../flags.js';
import { ReplayCounter } from './events/replay-counter.js';
import { showEvents } from './events/show-events.js';
import { say } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from '../connection/with-client.js';
import type { ClientFlags } from '../connection/with-client.js';

const HELP = `
Shows the events that pass any FILTER; a comma inside a filter means "and". Without FILTERs all
events of all namespaces are shown. By default the output starts with the next new event; with
--no-follow or --until it starts with the oldest event. T is an RFC 3339 time, unix seconds, or a
duration before now.

When the broker restarts, the command waits for it; no line is repeated or missing. Where the history
has lost events, stderr reports how many at most and why, and the output continues. The command fails
only if the position of --after is lost. Exits are kept longer than other events: with --container, or
with filters for topics of exits only, older exits come first. Ctrl-C and SIGTERM end the command with
exit code 0.

With --format docker each line is an event as \`docker events --format '{{json .}}'\` prints it, from
the namespaces that pass the FILTERs. Events of containerd are translated, recorded events of a Docker
engine are printed unchanged, and events that Docker clients do not see are left out. FILTERs, --topic
and times apply to the events as they are stored.

Examples:
  foghorn events 'topic=="/tasks/exit",namespace==moby'
  foghorn events --since 10m --container web-1 --format json
  foghorn events --no-follow --limit 100 --topic /tasks/oom
  foghorn events --after "$(cat bookmark)" --no-follow --format json
  foghorn events --format docker namespace==moby`;

interface EventsFlags extends ClientFlags {
  readonly since?: bigint;
  readonly until?: bigint;
  readonly after?: string;
  readonly follow: boolean;
  readonly limit?: number;
  readonly format: EventFormat;
  readonly container?: string;
  readonly topic?: string;
  readonly proto?: readonly string[];
}

/** `foghorn events`: shows the history and new events. */
export function addEvents(program: Command, terminal: Terminal): void {
  program
    .command('events')
    .description('show past and new events')
    .argument('[FILTER...]', "filters in containerd's language")
    .addOption(
      timeFlag('--since <T>', 'start with the first event at this time or later').conflicts(
        'after',
      ),
    )
    .addOption(timeFlag('--until <T>', 'leave out later events, and end at this time'))
    .addOption(flag('--after <CURSOR>', 'start after the event with this cursor'))
    .addOption(new Option('--no-follow', 'end after the newest stored event'))
    .addOption(countFlag('--limit <N>', 'end after this many events'))
    .addOption(
      new Option(
        '--format <FORMAT>',
        'ctr: as `ctr events` prints; json: one object per line, with cursor; docker: as `docker events`',
      )
        .choices(['ctr', 'json', 'docker'])
        .default('ctr'),
    )
    .addOption(
      flag('--container <ID>', 'only events of this container in the namespace of --namespace'),
    )
    .addOption(flag('--topic <T>', 'only events of this topic that also pass the FILTERs'))
    .addOption(protoFlag())
    .addHelpText('after', HELP)
    .action(async (filters: string[], _flags, command: Command) => {
      const flags = command.optsWithGlobals<EventsFlags>();
      await withClient(command, async (client) => {
        const format = eventFormatter(flags.format, PayloadTypes.load(flags.proto ?? []));
        const notes = new ConnectionNotes('the broker', (text) => {
          say(terminal, text);
        });
        const signal = terminal.interrupted();
        if (flags.after !== undefined) await checkCursor(client, flags.after, signal);
        const options = { ...readOptions(filters, flags), signal, onStatus: notes.status };
        const messages =
          flags.format === 'docker' ? readDockerEvents(client, options) : client.read(options);
        await showEvents(terminal, messages, format, new ReplayCounter(terminal), signal);
      });
    });
}

function readOptions(filters: readonly string[], flags: EventsFlags): ReadOptions {
  const { until, container, namespace, limit } = flags;
  return {
    filters: flags.topic === undefined ? filters : withTopic(filters, flags.topic),
    ...(container !== undefined && { container: { namespace, id: container } }),
    start: startOf(flags),
    ...(until !== undefined && { until }),
    ...(limit !== undefined && { limit }),
    stopWhenCaughtUp: !flags.follow,
    gapPolicy: 'continue',
  };
}

/**
 * Fails before anything is shown if the cursor's position is lost.
 *
 * @throws FoghornError OUT_OF_RANGE
 */
async function checkCursor(client: Client, after: string, signal: AbortSignal): Promise<void> {
  const first = client.read({
    start: { after },
    limit: 1,
    stopWhenCaughtUp: true,
    gapPolicy: 'fail',
    signal,
  });
  for await (const { kind } of first) if (kind === 'entries') return;
}

function startOf({ since, after, until, follow }: EventsFlags): ReadStart {
  if (after !== undefined) return { after };
  if (since !== undefined) return { since };
  return until === undefined && follow ? 'now' : 'earliest';
}

function withTopic(filters: readonly string[], topic: string): string[] {
  // The filter language understands all escapes of JSON strings.
  const selector = `topic==${JSON.stringify(topic)}`;
  if (filters.length === 0) return [selector];
  return filters.map((filter) => (filter === '' ? selector : `${selector},${filter}`));
}
