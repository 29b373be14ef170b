import { Option } from 'commander';
import type { Command } from 'commander';
import { FoghornError } from '../../protocol/errors.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { givenNamespace, withClient } from '../connection/with-client.js';
import {
  checkRange,
  countFlag,
  flag,
  parseExitCode,
  protoFlag,
  repeatedFlag,
  timeFlag,
} from '../flags.js';
import { write, say } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { EVENT_FORMATS, isEventFormat } from './events/event-format.js';
import { compiledFilters, endFilters, namesTopic } from './events/event-selection.js';
import { contradictionHint, filterHints } from './events/filter-hints.js';
import { readAndShow, type EventsFlags } from './events/read-events.js';
import { refusedFilters } from './events/refused-filters.js';

const HELP = `
Shows the events that pass any FILTER; a comma inside a filter means "and". Without FILTERs all
events of all namespaces are shown; --namespace leaves those of one. By default the output starts
with the next new event; with --no-follow or --until it starts with the oldest event, and with
--last N with the last N. T is an RFC 3339 time, unix seconds, 10:30, yesterday, or a duration
before now.

On a terminal the output is a table in local time: one line for each fact, in words, whoever reported
it; --wide shows every entry and whole ids. Piped output is as \`ctr events\` prints it, unless --format
says otherwise. A template has the fields Time, Namespace, Name, ID, Image, Labels, What, ExitCode,
Action, Topic, Cursor and Event, and the functions of \`docker --format\`.

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
  foghorn events --last 20
  foghorn events --failed --since 1h --no-follow
  foghorn events 'topic=="/tasks/exit",namespace==moby'
  foghorn events --since 10m --container web-1 --format json
  foghorn events --format '{{.Name}} {{.ExitCode}}' --topic /tasks/exit
  foghorn events --after "$(cat bookmark)" --no-follow --format json
  foghorn events --format docker namespace==moby`;

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
    .addOption(
      countFlag('--last <N>', 'start with the last N events').conflicts([
        'since',
        'after',
        'limit',
      ]),
    )
    .addOption(new Option('--no-follow', 'end after the newest stored event'))
    .addOption(countFlag('--limit <N>', 'end after this many events'))
    .addOption(formatFlag())
    .option('--wide', 'show every entry, and whole ids; in json, the container of each event')
    .option('--utc', 'show times in UTC instead of local time')
    .addOption(flag('--container <NAME|ID>', 'only events of this container'))
    .addOption(flag('--topic <T>', 'only events of this topic that also pass the FILTERs'))
    .option(
      '--failed',
      'only exits with another code than 0, failed starts, lost ends, and OOM kills',
    )
    .addOption(flag('--exit-code <N>', 'only exits with this code', parseExitCode))
    .addOption(flag('--image <IMAGE>', 'only containers of this image, with or without tag'))
    .addOption(repeatedFlag('--label <NAME[=VALUE]>', 'only with this label (repeatable)'))
    .option('--explain', 'print the filters that the flags stand for, and end')
    .addOption(protoFlag())
    .addHelpText('after', HELP)
    .action(async (filters: string[], _flags, command: Command) => {
      const flags = command.optsWithGlobals<EventsFlags>();
      checkRange(flags, terminal);
      const types = PayloadTypes.load(flags.proto ?? []);
      const namespace = givenNamespace(command);
      const compiled = compiledFilters(filters, flags, namespace);
      if (flags.explain === true) {
        await write(terminal.stdout, explanation(compiled, flags));
        return;
      }
      const hints = [
        ...contradictionHint(flags.topic, endFilters(flags)),
        ...filters.flatMap((filter) => filterHints(filter, types)),
      ];
      for (const hint of hints) say(terminal, `warning: ${hint}`);
      await withClient(command, (client) =>
        readAndShow(client, terminal, {
          ...{ flags, types, namespace, filters: compiled },
          namesTopic: namesTopic(flags, filters),
        }),
      ).catch(async (error: unknown) => {
        throw await refusedFilters(error, filters);
      });
    });
}

const FORMAT_HELP =
  "table; ctr: as `ctr events` prints; json: one object per line, with cursor; docker: as `docker events`; or a template such as '{{.Name}} {{.ExitCode}}'";

/** The choices are for completion: a template is taken, too. */
function formatFlag(): Option {
  const option = flag('--format <FORMAT>', FORMAT_HELP, parseFormat);
  option.argChoices = [...EVENT_FORMATS];
  return option;
}

function parseFormat(text: string): string {
  if (isEventFormat(text)) return text;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `Expected one of ${EVENT_FORMATS.join(', ')}, or a template.`,
  );
}

/** Filters of the broker, and flags that no filter can express, a line each. */
function explanation(
  filters: readonly string[],
  { container, image, label = [] }: EventsFlags,
): string {
  const selected = filters.map((filter) => (filter === '' ? 'every event' : filter));
  const further = [
    ...(container === undefined ? [] : [`only of container ${container}`]),
    ...(image === undefined ? [] : [`only of containers of image ${image}`]),
    ...label.map((text) => `only of containers with label ${text}`),
  ];
  const lines = [...(selected.length === 0 ? ['every event'] : selected), ...further];
  return lines.map((line) => `${line}\n`).join('');
}
