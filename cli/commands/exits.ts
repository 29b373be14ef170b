import type { Command } from 'commander';
import { systemClock } from '../../protocol/clock.js';
import { hasFailed, type RunOfContainer } from '../../protocol/container.js';
import { withClient } from '../connection/with-client.js';
import { checkRange, timeFlag } from '../flags.js';
import { runOfContainerObject } from '../format/container-json.js';
import { endText, imageText, nameText, runSpanText } from '../format/container-text.js';
import { momentCell } from '../format/moment.js';
import type { Column } from '../format/table.js';
import type { Terminal } from '../terminal.js';
import { addSelectionFlags, selectionOf, zoneOf } from './containers/selection-flags.js';
import type { SelectionFlags } from './containers/selection-flags.js';
import { reportExtent, showRows } from './containers/show-rows.js';

const HELP = `
Shows the runs that ended, the newest last: when, of which container and image, how, and after how
long. A run whose end cannot be known, because its host crashed, is "lost"; its time is when it was
last known to run. It counts as failed, like a start that failed.

Examples:
  foghorn exits --since 1h --failed
  foghorn exits --since today --container web
  foghorn exits --failed --format json | jq -r '"\\(.name) \\(.exitCode)"'`;

interface ExitsFlags extends SelectionFlags {
  readonly since?: bigint;
  readonly until?: bigint;
  readonly failed?: true;
}

/** `foghorn exits`: shows the runs that ended. */
export function addExits(program: Command, terminal: Terminal): void {
  const command = program
    .command('exits')
    .description('show runs that ended: code, image, name, how long')
    .addOption(timeFlag('--since <T>', 'only runs that ended at this time or later'))
    .addOption(timeFlag('--until <T>', 'only runs that ended at this time or before'))
    .option('--failed', 'only failures: another code than 0, a failed start, or an unknown end');
  addSelectionFlags(command)
    .addHelpText('after', HELP)
    .action(async (_flags, self: Command) => {
      const flags = self.opts<ExitsFlags>();
      const now = systemClock();
      checkRange(flags, terminal);
      await withClient(self, async (client) => {
        const { since, until, failed: failedOnly } = flags;
        const answer = await client.runs({ ...selectionOf(self), since, until, failedOnly });
        reportExtent(terminal, answer, since, flags);
        await showRows(terminal, [...answer.runs].sort(oldestFirst), flags, {
          columns: columnsOf(flags, now, terminal.stdout.columns),
          object: (run) => runOfContainerObject(run, now),
        });
      });
    });
}

function columnsOf(
  flags: ExitsFlags,
  now: bigint,
  columns: number | undefined,
): readonly Column<RunOfContainer>[] {
  const zone = zoneOf(flags);
  const width = flags.wide === true ? undefined : columns;
  const shown: Column<RunOfContainer>[] = [
    { title: 'ENDED', text: (run) => momentCell(endOf(run), zone, width) },
    { title: 'NAME', text: ({ container }) => nameText(container), least: 10 },
    { title: 'IMAGE', text: ({ container }) => imageText(container), least: 8 },
    {
      title: 'END',
      text: ({ run }) => endText(run),
      style: ({ run }) => (hasFailed(run) ? 'red' : 'green'),
      least: 16,
    },
    { title: 'AFTER', text: ({ run }) => runSpanText(run, now) },
    { title: 'NAMESPACE', text: ({ container }) => container.namespace, least: 7 },
  ];
  if (flags.wide !== true) return shown;
  return [
    ...shown,
    { title: 'ID', text: ({ container }) => container.id },
    { title: 'REASON', text: ({ run }) => run.lostReason },
  ];
}

function endOf({ run }: RunOfContainer): bigint | undefined {
  return run.finishedAt ?? run.lastSeen;
}

function oldestFirst(one: RunOfContainer, other: RunOfContainer): number {
  const difference = (endOf(one) ?? 0n) - (endOf(other) ?? 0n);
  if (difference === 0n) return 0;
  return difference > 0n ? 1 : -1;
}
