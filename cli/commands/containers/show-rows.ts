import type { Extent } from '../../../client/index.js';
import { momentText } from '../../format/moment.js';
import { isStyled } from '../../format/style.js';
import { TextTable, type Column } from '../../format/table.js';
import { say, write, writeExactly, type Terminal } from '../../terminal.js';
import { zoneOf, type SelectionFlags } from './selection-flags.js';

/** How rows are shown: as a table, or each as an object. */
export interface RowLayout<Row> {
  readonly columns: readonly Column<Row>[];
  readonly object: (row: Row) => object;
}

/** Writes rows in the format of the flags. */
export async function showRows<Row>(
  { stdout, surroundings }: Terminal,
  rows: readonly Row[],
  { format, wide }: SelectionFlags,
  { columns, object }: RowLayout<Row>,
): Promise<void> {
  if (format === 'json') {
    await write(stdout, rows.map((row) => `${JSON.stringify(object(row))}\n`).join(''));
    return;
  }
  const width = wide === true ? undefined : stdout.columns;
  const table = new TextTable(columns, { width, isStyled: isStyled(stdout, surroundings) });
  await writeExactly(stdout, `${table.lines(rows).join('\n')}\n`);
}

/** Reports what an answer does not cover. @param from the earliest moment that was asked for */
export function reportExtent(
  terminal: Terminal,
  { knownFrom, maybeOutdated }: Extent,
  from: bigint | undefined,
  flags: SelectionFlags,
): void {
  if (maybeOutdated) {
    say(terminal, 'a recorder is away or does not answer: what happened lately may be missing');
  }
  if (knownFrom === undefined || from === undefined || from >= knownFrom) return;
  const begin = momentText(knownFrom, zoneOf(flags));
  say(terminal, `the history begins at ${begin}: of what was before, only a part is known`);
}
