import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { ConsumerOptions, ReadStart } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { givenNamespace, withClient, type ClientFlags } from '../connection/with-client.js';
import { countFlag, durationFlag, flag, listFlag, protoFlag, timeFlag } from '../flags.js';
import { parseSize } from '../format/size.js';
import { say, type Terminal } from '../terminal.js';
import { FAILED_ENDS } from './events/end-filters.js';
import { namesTopic } from './events/event-selection.js';
import { contradictionHint } from './events/filter-hints.js';
import { refusedFilters } from './events/refused-filters.js';
import { BATCH_LIMIT, inBatches } from './on/batches.js';
import { ensureConsumer } from './on/ensure-consumer.js';
import type { EventAction } from './on/event-action.js';
import { handleEvents } from './on/handle-events.js';
import { installUnit } from './on/install.js';
import { batchCommandAction, checkCommand, commandAction } from './on/run-command.js';
import { filtersOf, type EventSelection } from './on/selection.js';
import { parseWebhookUrl, webhookAction } from './on/webhook.js';

const HELP = `
Runs COMMAND for each event that passes any FILTER, from the first start of this NAME on, and never
misses one: the broker remembers what was handled. The event is JSON on stdin; FOGHORN_TOPIC,
FOGHORN_NAMESPACE, FOGHORN_CONTAINER, FOGHORN_NAME, FOGHORN_IMAGE, FOGHORN_LABELS, FOGHORN_EXIT_CODE,
FOGHORN_TIME, FOGHORN_CURSOR, FOGHORN_CONSUMER, FOGHORN_DELIVERY and FOGHORN_TRACEPARENT are its
environment. Exit code 0 handles the event. Otherwise it is tried again, after 1 s, 5 s, 15 s and then
each minute, and parked after --tries (see foghorn consumers parked). Events of one container are
handled in order, also when one has to be tried again; those of others go on. Several processes may
share a NAME. SIGTERM and Ctrl-C let running commands finish. After a crash, an event may be handled
twice.

--webhook posts CloudEvents 1.0; a 2xx answer handles the event, and Retry-After is respected. With a
secret in FOGHORN_WEBHOOK_SECRET or --secret-file, requests are signed as Standard Webhooks
(webhook-id, webhook-timestamp, webhook-signature). Redirects are refused, and so are private addresses
unless --allow-private is given.

--every gathers events for this time, 200 at most, and runs COMMAND once for them: a line of JSON for
each on stdin, their number in FOGHORN_COUNT. Exit code 0 handles all of them; otherwise all are tried
again. A batch has one event of a container at most, because the next waits until it is handled.

--hold lets the broker's retention wait for events that are not handled yet, until they and all later
ones exceed SIZE. Without it, or beyond SIZE, events that retention removes are reported as a gap.

Examples:
  foghorn on alert --failed -- ./notify.sh
  foghorn on oom --topic /tasks/oom --jobs 4 --timeout 30s -- sh -c 'echo "$FOGHORN_NAME"'
  foghorn on billing --label team=shop --webhook https://example.com/hook
  foghorn on digest --failed --every 10m -- ./mail-digest.sh
  foghorn on alert --failed --install -- /usr/local/bin/notify.sh`;

interface OnFlags extends ClientFlags, EventSelection {
  readonly label?: readonly string[];
  readonly since?: bigint;
  readonly all?: true;
  readonly jobs: number;
  readonly every?: bigint;
  readonly timeout?: bigint;
  readonly tries?: number;
  readonly hold?: number | 'none';
  readonly webhook?: URL;
  readonly cloudevents: 'structured' | 'binary';
  readonly secretFile?: string;
  readonly allowPrivate?: true;
  readonly install?: true;
  readonly proto?: readonly string[];
}

const WEBHOOK_TIMEOUT = 30_000;

/** `foghorn on`: runs something for each event. */
export function addOn(program: Command, terminal: Terminal): void {
  program
    .command('on')
    .description('run a command or call a webhook for each event, and never miss one')
    .usage('[options] NAME [FILTER...] (-- COMMAND [ARG...] | --webhook URL)')
    .argument('<NAME>', 'name under which the broker remembers what was handled')
    .argument('[FILTER...]', "filters in containerd's language")
    .addOption(
      new Option('--failed', 'only exits with another code than 0, failed starts, and lost ends'),
    )
    .addOption(flag('--topic <T>', 'only events of this topic'))
    .addOption(flag('--container <ID>', 'only events of this container'))
    .addOption(listFlag('--label <K=V>', 'only containers with this label (repeatable)'))
    .addOption(timeFlag('--since <T>', 'first start: begin at this time').conflicts('all'))
    .addOption(new Option('--all', 'first start: begin with the oldest event'))
    .addOption(countFlag('--jobs <N>', 'events that are handled at a time').default(1))
    .addOption(
      durationFlag('--every <D>', 'run COMMAND once for all events of this time').conflicts([
        'jobs',
        'webhook',
      ]),
    )
    .addOption(durationFlag('--timeout <D>', 'time for one event, or one batch'))
    .addOption(countFlag('--tries <N>', 'tries before an event is parked (default: 10)'))
    .addOption(
      flag('--hold <SIZE>', 'let retention wait for events, up to this size, or none', parseHold),
    )
    .addOption(flag('--webhook <URL>', 'post events to this URL', parseWebhookUrl))
    .addOption(
      new Option('--cloudevents <MODE>', 'form of the posted events')
        .choices(['structured', 'binary'])
        .default('structured'),
    )
    .addOption(flag('--secret-file <FILE>', 'file with the secret that signs requests'))
    .addOption(new Option('--allow-private', 'let --webhook reach private addresses'))
    .addOption(new Option('--install', 'write a systemd unit that runs this command'))
    .addOption(protoFlag())
    .addHelpText('after', HELP)
    .action(async (name: string, operands: string[], _flags, command: Command) => {
      const flags = command.optsWithGlobals<OnFlags>();
      const { rawArgs } = program as Command & { readonly rawArgs: readonly string[] };
      const { filters, argv } = splitOperands(operands, rawArgs);
      if (argv.length > 0 === (flags.webhook !== undefined)) {
        command.error('error: expected either -- COMMAND or --webhook URL', { exitCode: 2 });
      }
      if (flags.install === true) {
        const args = rawArgs.slice(0, rawArgs.length - argv.length);
        const rest = [...args.filter((arg) => arg !== '--install'), ...argv];
        const variables = variablesOf(command, program, terminal);
        await installUnit({ consumer: name, args: rest, variables }, terminal);
        return;
      }
      await run(command, name, filters, argv, flags, terminal);
    });
}

/** The variables that a command line depends on, with the context that is in use now. */
function variablesOf(
  command: Command,
  program: Command,
  { surroundings: { env } }: Terminal,
): Readonly<Record<string, string | undefined>> {
  const names = [...command.options, ...program.options].flatMap(({ envVar }) => envVar ?? []);
  const given = Object.fromEntries(names.map((name) => [name, env[name]]));
  if (program.getOptionValueSource('context') !== 'context') return given;
  const { context } = program.opts<{ readonly context?: string }>();
  return { ...given, FOGHORN_CONTEXT: context, XDG_CONFIG_HOME: env.XDG_CONFIG_HOME };
}

/** Operands after `--` are the command. */
function splitOperands(
  operands: readonly string[],
  rawArgs: readonly string[],
): { readonly filters: readonly string[]; readonly argv: readonly string[] } {
  const at = rawArgs.indexOf('--');
  const after = at < 0 ? 0 : rawArgs.length - at - 1;
  const end = operands.length - after;
  return { filters: operands.slice(0, end), argv: operands.slice(end) };
}

async function run(
  command: Command,
  name: string,
  given: readonly string[],
  argv: readonly string[],
  flags: OnFlags,
  terminal: Terminal,
): Promise<void> {
  const filters = filtersOf(given, flags, givenNamespace(command));
  const ends = flags.failed === true ? FAILED_ENDS : [];
  for (const hint of contradictionHint(flags.topic, ends)) say(terminal, `warning: ${hint}`);
  const types = PayloadTypes.load(flags.proto ?? []);
  const signal = terminal.interrupted();
  const action = await actionOf(argv, flags, types, signal, terminal);
  await withClient(command, async (client) => {
    const options: ConsumerOptions = {
      filters,
      ...(flags.tries !== undefined && { maxDeliveries: flags.tries }),
      ...(flags.hold !== undefined && { hold: flags.hold === 'none' ? 0 : flags.hold }),
    };
    const note = await ensureConsumer(client, name, options, startOf(flags));
    if (note !== '') say(terminal, note);
    const handling = {
      consumer: name,
      jobs: flags.every === undefined ? flags.jobs : BATCH_LIMIT,
      labels: flags.label ?? [],
      skipsRepeatedEnds: flags.failed === true && !namesTopic(flags, given),
      types,
      signal,
      recreate: async () => {
        await ensureConsumer(client, name, options, 'earliest');
      },
    };
    await handleEvents(client, action, handling, terminal);
  }).catch(async (error: unknown) => {
    throw await refusedFilters(error, given);
  });
}

function parseHold(text: string): number | 'none' {
  return text === 'none' ? text : parseSize(text);
}

function startOf({ since, all }: OnFlags): ReadStart | undefined {
  if (since !== undefined) return { since };
  return all === true ? 'earliest' : undefined;
}

async function actionOf(
  argv: readonly string[],
  flags: OnFlags,
  types: PayloadTypes,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<EventAction> {
  const timeout = flags.timeout === undefined ? undefined : msOf(flags.timeout);
  const { webhook: url, cloudevents: mode, allowPrivate = false } = flags;
  if (url !== undefined) {
    const secret = await secretOf(flags.secretFile, terminal);
    return webhookAction({
      ...{ url, mode, types, secret, allowPrivate },
      timeout: timeout ?? WEBHOOK_TIMEOUT,
    });
  }
  const [file = '', ...args] = argv;
  checkCommand(file, terminal);
  const options = { argv: [file, ...args], timeout } as const;
  if (flags.every === undefined) return commandAction(options, terminal);
  return inBatches(batchCommandAction(options, terminal), { every: msOf(flags.every), signal });
}

function msOf(nanos: bigint): number {
  return Number(nanos / 1_000_000n);
}

async function secretOf(
  file: string | undefined,
  { surroundings }: Terminal,
): Promise<string | undefined> {
  if (file === undefined) return surroundings.env.FOGHORN_WEBHOOK_SECRET;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { message } = error as Error;
    throw new FoghornError('FAILED_PRECONDITION', `cannot read the secret: ${message}`);
  }
}
