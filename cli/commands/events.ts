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
An event is shown when it passes any FILTER; the comma inside a filter means "and". Without
FILTERs every event of every namespace is shown. Without a start it follows from now on; with
--no-follow or --until it begins with the first event kept. T is an RFC 3339 time, unix seconds,
or a duration before now. A broker that restarts is waited for; no line is repeated or missing.
Where the history has lost events, stderr tells how many at most and why, and it goes on; only an
--after whose place is gone fails. Exits that have outlasted the events around them come first,
when it begins that early with --container or with nothing but topics of exits in FILTERs or
--topic. Ctrl-C and SIGTERM end it with exit code 0.

With --format docker each line is one event as \`docker events --format '{{json .}}'\` shows it, in the
namespaces that the FILTERs let through: containerd's are translated, those that were recorded from
a Docker engine are as they were. What Docker clients do not see is left out. FILTERs, --topic and
the times go by the events as they are stored.

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

/** `foghorn events`: shows the history and what is added to it. */
export function addEvents(program: Command, terminal: Terminal): void {
  program
    .command('events')
    .description('show events, those of the past and those that happen')
    .argument('[FILTER...]', "filters in containerd's language")
    .addOption(
      timeFlag('--since <T>', 'begin with the first event at this time or later').conflicts(
        'after',
      ),
    )
    .addOption(timeFlag('--until <T>', 'leave out later events, and end when this time has passed'))
    .addOption(flag('--after <CURSOR>', 'begin after the event with this cursor'))
    .addOption(new Option('--no-follow', 'end when everything stored so far is shown'))
    .addOption(countFlag('--limit <N>', 'end after so many events'))
    .addOption(
      new Option(
        '--format <FORMAT>',
        'as `ctr events` shows them, JSON with cursors, or JSON as Docker clients get it',
      )
        .choices(['ctr', 'json', 'docker'])
        .default('ctr'),
    )
    .addOption(flag('--container <ID>', 'only of this container, in the namespace of --namespace'))
    .addOption(flag('--topic <T>', 'only of this topic, besides what the filters say'))
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
        if (flags.after !== undefined) await checkPlace(client, flags.after, signal);
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

/** Whoever names a place wants to know that it is gone before anything is shown: OUT_OF_RANGE. */
async function checkPlace(client: Client, after: string, signal: AbortSignal): Promise<void> {
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
  // The escapes that JSON makes are all in the filter language's quoting.
  const selector = `topic==${JSON.stringify(topic)}`;
  if (filters.length === 0) return [selector];
  return filters.map((filter) => (filter === '' ? selector : `${selector},${filter}`));
}
