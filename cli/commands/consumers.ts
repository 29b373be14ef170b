import { Option, type Command } from 'commander';
import type { Client, Consumer, ListParkedResponse, ReadStart } from '../../client/index.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { withClient } from '../connection/with-client.js';
import { flag, timeFlag } from '../flags.js';
import { formatJson } from '../../protocol/event-json.js';
import { say, write, writeExactly, type Terminal } from '../terminal.js';
import { isStyled } from '../format/style.js';
import { TextTable } from '../format/table.js';
import { CONSUMER_COLUMNS, consumerText, dateText } from './consumers/consumer-text.js';

const HELP = `
Examples:
  foghorn consumers ls
  foghorn consumers parked alert
  foghorn consumers replay alert          # deliver all parked events again
  foghorn consumers reset alert --since 1h`;

function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
}

interface PauseFlags {
  readonly reason: string;
  readonly resume?: true;
}

interface ResetFlags {
  readonly since?: bigint;
  readonly after?: string;
  readonly all?: true;
}

/** `foghorn consumers`: shows and changes durable consumers. */
export function addConsumers(program: Command, terminal: Terminal): void {
  const consumers = program
    .command('consumers')
    .description('show and change durable consumers, such as those of `foghorn on`')
    .addHelpText('after', HELP);
  addViews(consumers, terminal);
  addChanges(consumers, terminal);
  addParked(consumers, terminal);
}

function addViews(consumers: Command, terminal: Terminal): void {
  consumers
    .command('ls')
    .description('list all consumers')
    .addHelpText('after', examples('foghorn consumers ls', 'foghorn -a broker:7070 consumers ls'))
    .action(async (_flags, command: Command) => {
      await withClient(command, async (client) => {
        const all = await client.consumers.list();
        if (all.length === 0) say(terminal, 'there are no consumers');
        else {
          const lines = consumerTable(terminal).lines(all);
          await writeExactly(terminal.stdout, `${lines.join('\n')}\n`);
        }
      });
    });
  consumers
    .command('show')
    .description('show everything about a consumer')
    .argument('<NAME>', 'name of the consumer')
    .addHelpText(
      'after',
      examples('foghorn consumers show alert', 'foghorn -a broker:7070 consumers show alert'),
    )
    .action(async (name: string, _flags, command: Command) => {
      await withClient(command, async (client) => {
        await write(terminal.stdout, consumerText(await client.consumers.get(name)));
      });
    });
}

function consumerTable({ stdout, surroundings }: Terminal): TextTable<Consumer> {
  const isStyledOutput = isStyled(stdout, surroundings);
  return new TextTable(CONSUMER_COLUMNS, { width: stdout.columns, isStyled: isStyledOutput });
}

function addChanges(consumers: Command, terminal: Terminal): void {
  consumers
    .command('pause')
    .description('stop deliveries, or let them go on')
    .argument('<NAME>', 'name of the consumer')
    .addOption(flag('--reason <TEXT>', 'why, for others').default('by an operator'))
    .addOption(new Option('--resume', 'let it go on'))
    .addHelpText(
      'after',
      examples(
        "foghorn consumers pause alert --reason 'until Monday'",
        'foghorn consumers pause alert --resume',
      ),
    )
    .action(async (name: string, { reason, resume: isResumed }: PauseFlags, command: Command) => {
      await withClient(command, async (client) => {
        if (isResumed === true) await resume(client, name, terminal);
        else await client.consumers.pause(name, reason);
      });
    });
  consumers
    .command('resume')
    .description('let a paused consumer go on')
    .argument('<NAME>', 'name of the consumer')
    .addHelpText(
      'after',
      examples('foghorn consumers resume alert', 'foghorn -a broker:7070 consumers resume alert'),
    )
    .action(async (name: string, _flags, command: Command) => {
      await withClient(command, (client) => resume(client, name, terminal));
    });
  consumers
    .command('reset')
    .description('let a consumer continue from another position; from now on unless one is given')
    .argument('<NAME>', 'name of the consumer')
    .addOption(timeFlag('--since <T>', 'from this time on').conflicts(['after', 'all']))
    .addOption(flag('--after <CURSOR>', 'after the event with this cursor').conflicts('all'))
    .addOption(new Option('--all', 'from the oldest event on'))
    .addHelpText(
      'after',
      examples('foghorn consumers reset alert --since 1h', 'foghorn consumers reset alert --all'),
    )
    .action(async (name: string, flags: ResetFlags, command: Command) => {
      await withClient(command, async (client) => {
        const { lag } = await client.consumers.reset(name, startOf(flags));
        await write(terminal.stdout, `${name} continues ${lag} entries before the newest\n`);
      });
    });
  consumers
    .command('rm')
    .description('remove a consumer with its parked events, or only parked events')
    .argument('<NAME>', 'name of the consumer')
    .argument('[NUMBER...]', 'numbers of parked events')
    .addOption(new Option('--parked', 'all parked events'))
    .addHelpText(
      'after',
      examples(
        'foghorn consumers rm alert            # with its parked events',
        'foghorn consumers rm alert 3 4        # two parked events',
        'foghorn consumers rm alert --parked',
      ),
    )
    .action(async (name: string, numbers: string[], flags: { parked?: true }, command: Command) => {
      await withClient(command, async (client) => {
        if (numbers.length === 0 && flags.parked !== true) await client.consumers.remove(name);
        else {
          const removed = await client.consumers.removeParked(name, numbersIn(command, numbers));
          await write(terminal.stdout, `removed ${removed} parked events\n`);
        }
      });
    });
}

function addParked(consumers: Command, terminal: Terminal): void {
  consumers
    .command('parked')
    .description('list the parked events of a consumer')
    .argument('<NAME>', 'name of the consumer')
    .addOption(new Option('--format <FORMAT>', 'form').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      examples(
        'foghorn consumers parked alert',
        'foghorn consumers parked alert --format json | jq .reason',
      ),
    )
    .action(async (name: string, { format }: { format: string }, command: Command) => {
      const types = PayloadTypes.load([]);
      await withClient(command, async (client) => {
        for await (const event of client.consumers.parked(name)) {
          const text = format === 'json' ? parkedJson(event, types) : parkedText(event, types);
          await write(terminal.stdout, text);
        }
      });
    });
  consumers
    .command('replay')
    .description('deliver parked events again, all unless numbers are given')
    .argument('<NAME>', 'name of the consumer')
    .argument('[NUMBER...]', 'numbers of parked events')
    .addHelpText(
      'after',
      examples('foghorn consumers replay alert', 'foghorn consumers replay alert 3 4'),
    )
    .action(async (name: string, numbers: string[], _flags, command: Command) => {
      await withClient(command, async (client) => {
        const replayed = await client.consumers.replay(name, numbersIn(command, numbers));
        await write(terminal.stdout, `${replayed} parked events are delivered again\n`);
      });
    });
}

async function resume(client: Client, name: string, terminal: Terminal): Promise<void> {
  const { paused } = await client.consumers.get(name);
  if (paused === '') {
    say(terminal, `${name} is not paused`);
    return;
  }
  await client.consumers.pause(name, '');
  await write(terminal.stdout, `${name} goes on; it was paused: ${paused}\n`);
}

function startOf({ since, after, all }: ResetFlags): ReadStart {
  if (since !== undefined) return { since };
  if (after !== undefined) return { after };
  return all === true ? 'earliest' : 'now';
}

function numbersIn(command: Command, texts: readonly string[]): bigint[] {
  return texts.map((text) => {
    if (/^\d{1,15}$/.test(text)) return BigInt(text);
    return command.error(`error: NUMBER: expected the number of a parked event, got ${text}`, {
      exitCode: 2,
    });
  });
}

function parkedText(event: ListParkedResponse, types: PayloadTypes): string {
  const { number, entry, reason, parkedAt, tries, replaying } = event;
  const state = replaying ? ', delivered again now' : '';
  const head = `${number}  ${dateText(parkedAt)}  ${tries.length} tries${state}: ${reason}`;
  return `${head}\n    ${entry === undefined ? '' : formatJson(entry, types)}\n`;
}

function parkedJson(event: ListParkedResponse, types: PayloadTypes): string {
  const { number, entry, reason, parkedAt, tries, replaying } = event;
  const json = {
    number: Number(number),
    reason,
    parkedAt: dateText(parkedAt),
    replaying,
    tries: tries.map((each) => ({ ...each, time: dateText(each.time) })),
    event: entry && (JSON.parse(formatJson(entry, types)) as unknown),
  };
  return `${JSON.stringify(json)}\n`;
}
