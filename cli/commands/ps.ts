import type { Command } from 'commander';
import { systemClock } from '../../protocol/clock.js';
import type { Container } from '../../protocol/container.js';
import { FoghornError } from '../../protocol/errors.js';
import { withClient } from '../connection/with-client.js';
import { timeFlag } from '../flags.js';
import { containerObject } from '../format/container-json.js';
import {
  imageText,
  nameText,
  runSpanText,
  stateStyle,
  stateText,
} from '../format/container-text.js';
import { momentCell } from '../format/moment.js';
import type { Column } from '../format/table.js';
import type { Terminal } from '../terminal.js';
import { addSelectionFlags, selectionOf, zoneOf } from './containers/selection-flags.js';
import type { SelectionFlags } from './containers/selection-flags.js';
import { reportExtent, showRows } from './containers/show-rows.js';

const HELP = `
Shows the containers that run now, or that ran at T: of all namespaces, unless --namespace names one.
The answer comes from the history, so it is there when an engine is not, and for any moment that is
kept. Before an answer about now, attached recorders are asked for what happened just now.

Examples:
  foghorn ps
  foghorn ps --at "10:00" --all
  foghorn ps --image nginx --label com.docker.compose.project=shop
  foghorn ps --format json | jq -r .name`;

interface PsFlags extends SelectionFlags {
  readonly at?: bigint;
  readonly all?: true;
}

/** `foghorn ps`: shows what runs, or ran at a moment. */
export function addPs(program: Command, terminal: Terminal): void {
  const command = program
    .command('ps')
    .description('show which containers run, or ran at a time')
    .addOption(timeFlag('--at <T>', 'the state at this time instead of now'))
    .option('-A, --all', 'also containers that do not run');
  addSelectionFlags(command)
    .addHelpText('after', HELP)
    .action(async (_flags, self: Command) => {
      await withClient(self, async (client) => {
        const flags = self.opts<PsFlags>();
        const now = systemClock();
        if (flags.at !== undefined && flags.at > now) {
          throw new FoghornError('INVALID_ARGUMENT', '--at: expected a time in the past');
        }
        const answer = await client.containers({ ...selectionOf(self), at: flags.at });
        reportExtent(terminal, answer, flags.at, flags);
        const shown = answer.containers
          .filter(({ state }) => flags.all === true || state === 'running' || state === 'paused')
          .sort(newestFirst);
        const at = flags.at ?? now;
        await showRows(terminal, shown, flags, {
          columns: columnsOf(flags, at, terminal.stdout.columns),
          object: (container) => containerObject(container, at),
        });
      });
    });
}

function columnsOf(
  flags: PsFlags,
  at: bigint,
  columns: number | undefined,
): readonly Column<Container>[] {
  const zone = zoneOf(flags);
  const width = flags.wide === true ? undefined : columns;
  const shown: Column<Container>[] = [
    { title: 'NAME', text: nameText, least: 10 },
    { title: 'IMAGE', text: imageText, least: 8 },
    { title: 'STATE', text: stateText, style: stateStyle, least: 16 },
    { title: 'STARTED', text: ({ run }) => momentCell(run?.startedAt, zone, width) },
    { title: 'FOR', text: ({ run }) => (run === undefined ? '-' : runSpanText(run, at)) },
    { title: 'NAMESPACE', text: ({ namespace }) => namespace, least: 7 },
  ];
  if (flags.wide !== true) return shown;
  return [
    ...shown,
    { title: 'ID', text: ({ id }) => id },
    {
      title: 'LABELS',
      text: ({ labels }) => [...labels].map(([name, value]) => `${name}=${value}`).join(','),
    },
  ];
}

function newestFirst(one: Container, other: Container): number {
  const difference = beginOf(other) - beginOf(one);
  if (difference !== 0n) return difference > 0n ? 1 : -1;
  return one.id < other.id ? -1 : 1;
}

function beginOf({ run, createdAt }: Container): bigint {
  return run?.startedAt ?? createdAt ?? 0n;
}
